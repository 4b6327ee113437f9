"""Registers the app with Django."""

from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    """Found by Django through INSTALLED_APPS."""

    name = "farfield_web.submissions"
    default_auto_field = "django.db.models.BigAutoField"
