"""Registers the app with Django."""

from django.apps import AppConfig


class LeaderboardsConfig(AppConfig):
    """Found by Django through INSTALLED_APPS."""

    name = "farfield_web.leaderboards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Once all models are there."""
        from farfield_web.leaderboards.watching import watch

        watch()
