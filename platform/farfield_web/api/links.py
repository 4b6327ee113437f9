"""Addresses of pages, for people who read an answer of the API."""

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


def page(name: str, *args: object) -> str:
    """The absolute address of a page."""
    return f"{settings.SITE_URL}{reverse(name, args=args)}"


@extend_schema_field(serializers.URLField(help_text="The page that shows it."))
class PageField(serializers.ReadOnlyField):
    """The address of the page that shows an object; `argument` is the attribute that names it, through dots."""

    def __init__(self, name: str, argument: str) -> None:
        super().__init__(source="*")
        self.page_name, self.argument = name, argument

    def to_representation(self, value: object) -> str:
        for part in self.argument.split("."):
            value = value[part] if isinstance(value, dict) else getattr(value, part)
        return page(self.page_name, value)
