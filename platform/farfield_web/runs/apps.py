"""Registers the app with Django."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """Found by Django through INSTALLED_APPS."""

    name = "farfield_web.runs"
    default_auto_field = "django.db.models.BigAutoField"
