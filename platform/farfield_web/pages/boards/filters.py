"""Which rows of a board its reader wants, as addresses say it. Pure functions."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from farfield_web.leaderboards.selection import LISTS, VERIFIED, Filters

LONGEST_TEXT, MOST_VALUES = 100, 50
Query = Mapping[str, Sequence[str]]


def filters_of(query: Query) -> Filters:
    """The filters of an address. Raises LookupError, with a sentence, for a day that is none."""
    lists: dict[str, Any] = {field: _values(query, name) for name, field in LISTS.items()}
    if first(query, "verified") == "1":  # as addresses said it before there were other badges to choose
        lists["badges"] = tuple(dict.fromkeys((*lists["badges"], VERIFIED)))
    lists |= {name: _day(query, name) for name in ("since", "until")}
    return Filters(text=first(query, "q").strip()[:LONGEST_TEXT], **lists)


def first(query: Query, name: str) -> str:
    """The last value that a query has of a name, as forms mean it; empty for none."""
    values = query.get(name) or ("",)
    return values[-1]


def _values(query: Query, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in query.get(name, ()) if value))[:MOST_VALUES]


def _day(query: Query, name: str) -> date | None:
    text = first(query, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise LookupError(f"{name} must be a day such as 2026-01-31.") from error
