"""Registers the app."""

from django.apps import AppConfig


class ContrastsConfig(AppConfig):
    """Entries that are set beside one another."""

    name = "farfield_web.contrasts"
    label = "contrasts"
