"""Registers the app with Django."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Found by Django through INSTALLED_APPS."""

    name = "farfield_web.api"
    default_auto_field = "django.db.models.BigAutoField"
