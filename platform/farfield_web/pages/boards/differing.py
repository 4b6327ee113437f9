"""What tells an entry from the others of its method, in the few words that fit beside its name."""

from collections.abc import Mapping
from typing import Any

from farfield_web.submissions.written import setting_value

SHOWN, LENGTH = 5, 40


def in_words(differs: Mapping[str, Any]) -> tuple[str, ...]:
    """The settings and their values; of very many the first.

    >>> in_words({"rate": 0.5, "freeze": True})
    ('rate 0.5', 'freeze on')
    """
    found = [f"{name} {_short(setting_value(value))}" for name, value in differs.items()]
    more = len(found) - SHOWN
    return tuple(found) if more <= 0 else (*found[:SHOWN], f"{more} more")


def _short(text: str) -> str:
    return text if len(text) <= LENGTH else f"{text[: LENGTH - 1]}…"
