"""Which rows of a board its reader wants, as addresses say it. Pure functions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

VERIFIED = "verified"
LONGEST_TEXT, MOST_VALUES = 100, 50
# The lists of a filter, by what addresses call a value of each.
LISTS: Mapping[str, str] = MappingProxyType(
    {
        "track": "tracks",
        "kind": "kinds",
        "badge": "badges",
        "method": "methods",
        "backbone": "backbones",
        "author": "authors",
        "set": "settings",
    }
)
_DAYS = ("since", "until")
Query = Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What an entry must have to be shown: one of the values of each list that has some, and the text somewhere.

    settings: as `name:value`, of which those with one name are alternatives. since, until: days, both included.
    """

    text: str = ""
    tracks: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    badges: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    backbones: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def values(self, name: str) -> tuple[str, ...]:
        """The chosen values of a list, by its name in addresses."""
        chosen: tuple[str, ...] = getattr(self, LISTS[name])
        return chosen

    def without(self, name: str, value: str) -> "Filters":
        """The same without one value, or without a day or the text."""
        if name in LISTS:
            changed: dict[str, Any] = {LISTS[name]: tuple(one for one in self.values(name) if one != value)}
        else:
            changed = {"text": ""} if name == "q" else {name: None}
        return replace(self, **changed)

    def with_only(self, name: str, *values: str) -> "Filters":
        """The same with these values of a list, and no others of it."""
        changed: dict[str, Any] = {LISTS[name]: values}
        return replace(self, **changed)

    @property
    def chosen(self) -> Iterator[tuple[str, str]]:
        """Everything that is asked for, as pairs of an address."""
        if self.text:
            yield "q", self.text
        for name in LISTS:
            yield from ((name, value) for value in self.values(name))
        for name in _DAYS:
            if (day := getattr(self, name)) is not None:
                yield name, day.isoformat()


def filters_of(query: Query) -> Filters:
    """The filters of an address. Raises LookupError, with a sentence, for a day that is none."""
    lists: dict[str, Any] = {field: _values(query, name) for name, field in LISTS.items()}
    if first(query, "verified") == "1":  # as addresses said it before there were other badges to choose
        lists["badges"] = tuple(dict.fromkeys((*lists["badges"], VERIFIED)))
    lists |= {name: _day(query, name) for name in _DAYS}
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
