"""The pages as a Django application."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """Pages hold no models: they read the other applications and call their verbs."""

    name = "farfield_web.pages"
    label = "pages"
