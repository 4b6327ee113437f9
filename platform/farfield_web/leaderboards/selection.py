"""Which rows of a board a reader wants. Ranks are always of the whole board: a selection chooses and orders rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

VERIFIED = "verified"  # a badge beside the labels: what was run here
REPRODUCED = "reproduced"  # what others gave within chance too
SEEN = "seen:"  # with one of the values of `Seen`: what of the test data it may have seen
MOST_ROWS = 200  # on a page


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Within one of these fields any of the values will do; across fields all must hold; an empty one asks nothing.

    text: words that all occur in the method's name, its title or its author, in any case. kinds, tracks, authors,
    methods, backbones: as the API names them. badges: labels of entries, VERIFIED, REPRODUCED, and SEEN with its value.
    settings: by name, the values that may be set. since, until: days on which it was entered, both included. metric,
    domain: the column that orders, the headline where they are empty. worst_first turns the ranked rows around. apart:
    those that are not comparable, in place of the others. page: from 1; size: rows on a page, at most MOST_ROWS.
    """

    text: str = ""
    kinds: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    badges: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    backbones: tuple[str, ...] = ()
    settings: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None
    metric: str = ""
    domain: str = ""
    worst_first: bool = False
    apart: bool = False
    page: int = 1
    size: int = 50

    def __post_init__(self) -> None:
        if self.page < 1 or not 1 <= self.size <= MOST_ROWS:
            raise ValueError(f"a page is from 1 on, and has 1 to {MOST_ROWS} rows")

    @property
    def is_whole(self) -> bool:
        """Whether every row belongs to it."""
        lists = (self.kinds, self.tracks, self.authors, self.badges, self.methods, self.backbones, self.settings)
        return not any(lists) and not self.text.split() and self.since is None and self.until is None
