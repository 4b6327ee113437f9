"""The app of the exports."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """Exports and the site's signature."""

    name = "farfield_web.exports"
