"""Registers the app with Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Found by Django through INSTALLED_APPS."""

    name = "farfield_web.accounts"
    default_auto_field = "django.db.models.BigAutoField"
