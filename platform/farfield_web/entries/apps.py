"""Registers the app with Django."""

from django.apps import AppConfig


class EntriesConfig(AppConfig):
    """Found by Django through INSTALLED_APPS."""

    name = "farfield_web.entries"
    default_auto_field = "django.db.models.BigAutoField"
