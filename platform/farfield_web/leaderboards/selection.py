"""Which rows of a board a reader wants. Ranks are always of the whole board: a selection chooses and orders rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

VERIFIED = "verified"  # a badge beside the labels: what was run here
REPRODUCED = "reproduced"  # what others gave within chance too
STANDARD, NOT_STANDARD = "standard", "not standard"  # by the rules of the benchmark's authors, where there are some
SEEN = "seen:"  # with one of the values of `Seen`: what of the test data it may have seen
MOST_ROWS = 200  # on a page
# The lists of a filter, by what addresses, facets and lines call a value of each.
LISTS: Mapping[str, str] = MappingProxyType(
    {
        "track": "tracks",
        "kind": "kinds",
        "badge": "badges",
        "phase": "phases",
        "method": "methods",
        "backbone": "backbones",
        "author": "authors",
        "set": "settings",
    }
)
_DAYS = ("since", "until")


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What an entry must have to be shown: one of the values of each list that has some, and all of the rest.

    text: words that all occur in the method's name, its title or its author, in any case. kinds, tracks, authors,
    methods, backbones: as the API names them. phases: by their names. badges: labels of entries, VERIFIED, REPRODUCED,
    STANDARD, NOT_STANDARD, and SEEN with its value. settings: as `name:value`, of which those with one name are
    alternatives. since, until: days on which it was entered, both included.
    """

    text: str = ""
    tracks: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    badges: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
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
            return self.with_only(name, *(one for one in self.values(name) if one != value))
        changed: dict[str, Any] = {"text": ""} if name == "q" else {name: None}
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

    @property
    def is_whole(self) -> bool:
        """Whether every row belongs to it."""
        return not self.text.split() and not any(name != "q" for name, _ in self.chosen)


@dataclass(frozen=True, kw_only=True)
class Selection(Filters):
    """Rows that pass filters, in an order, and which page of them.

    metric, domain: the column that orders, the headline where they are empty. worst_first turns the ranked rows around.
    apart: those that are not comparable, in place of the others. page: from 1; size: rows on a page, at most MOST_ROWS.
    """

    metric: str = ""
    domain: str = ""
    worst_first: bool = False
    apart: bool = False
    page: int = 1
    size: int = 50

    def __post_init__(self) -> None:
        if self.page < 1 or not 1 <= self.size <= MOST_ROWS:
            raise ValueError(f"a page is from 1 on, and has 1 to {MOST_ROWS} rows")
