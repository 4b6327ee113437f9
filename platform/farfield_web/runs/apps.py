"""Registers the app with Django."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "farfield_web.runs"
    default_auto_field = "django.db.models.BigAutoField"
