"""Registers the app with Django."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Found by Django through INSTALLED_APPS."""

    name = "farfield_web.people"
    default_auto_field = "django.db.models.BigAutoField"
