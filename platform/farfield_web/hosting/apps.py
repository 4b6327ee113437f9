"""Registers the app with Django."""

from django.apps import AppConfig


class HostingConfig(AppConfig):
    """Found by Django through INSTALLED_APPS."""

    name = "farfield_web.hosting"
    default_auto_field = "django.db.models.BigAutoField"
