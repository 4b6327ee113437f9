"""Numbers and settings as a person writes them: one way for forms, pages and what boards are filtered by."""

from collections.abc import Iterator, Mapping
from typing import Any


def number(value: object) -> str:
    """A bound or default: 1 for 1.0."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def setting_value(value: object) -> str:
    """A configured value as text."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return "empty" if value == "" else number(value)


def settings_in_words(config: Mapping[str, Any]) -> Iterator[str]:
    """Each setting as `name:value`, as addresses have it.

    >>> list(settings_in_words({"rate": 0.5, "freeze": True}))
    ['rate:0.5', 'freeze:on']
    """
    return (f"{name}:{setting_value(value)}" for name, value in config.items())


def setting_name(written: str) -> str:
    """Which setting `name:value` is of."""
    return written.partition(":")[0]
