"""Registers the app with Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Found by Django through INSTALLED_APPS."""

    name = "farfield_web.accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The site's own checks belong to every command, so that `manage.py check --deploy` shows them."""
        import farfield_web.checks
        import farfield_web.installed  # noqa: F401 - they register them
