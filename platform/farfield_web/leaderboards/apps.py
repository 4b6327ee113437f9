"""Registers the app with Django."""

from django.apps import AppConfig


class LeaderboardsConfig(AppConfig):
    name = "farfield_web.leaderboards"
    default_auto_field = "django.db.models.BigAutoField"
