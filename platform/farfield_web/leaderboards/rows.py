"""What boards are made of: entries with their figures, and the lines that pages and API show of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.figure import Figure
from farfield_evaluators.seen import Seen
from farfield_evaluators.standing import Standing
from farfield_web import published
from farfield_web.leaderboards.curves import Point
from farfield_web.leaderboards.labels import is_verified
from farfield_web.leaderboards.places import Place
from farfield_web.leaderboards.progress import Progress
from farfield_web.leaderboards.standing import spread_at
from farfield_web.runs.figures import Key
from farfield_web.submissions.models import Submission


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A submission with its figures over all trials, and what must stand beside them; it may be under way.

    `curve` holds the figures of the same trainings at other points. They stand beside the entry, and are never ranked.
    `standing` is what it is by the rules of its benchmark's authors, where they have some. `seen` says what of the
    test data its training data has, `reproduced` how many other entries gave the same figures within chance, `held` why
    it is not ranked although it is done: another result of the same method version and settings is the accepted one.
    """

    submission: Submission
    figures: Mapping[Key, Figure]
    keys: frozenset[str]
    labels: tuple[str, ...] = ()
    progress: Progress = field(default_factory=Progress)
    curve: tuple[Point, ...] = ()
    standing: Standing | None = None
    seen: Seen = Seen.UNKNOWN
    reproduced: int = 0
    held: str = ""

    def figure(self, column: Column) -> Figure | None:
        return self.figures.get((column.metric, column.domain))

    @property
    def verified(self) -> bool:
        """Whether it was run here: only then are its figures those of what it says it is."""
        return is_verified(self.submission.kind)

    @property
    def struck(self) -> "Entry":
        """Without its figures: the operator took it off."""
        return replace(self, figures={}, curve=(), standing=None)

    @property
    def published(self) -> "Entry":
        """With figures as they may leave the site: to be called once the ranks are made."""
        spread = spread_at(self.submission)
        figures = {key: published.rounded(figure, spread) for key, figure in self.figures.items()}
        return replace(self, figures=figures, curve=tuple(point.published for point in self.curve))


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a board: `figures` has one item per column, None where there is no result.

    Ranks were made at full precision; all figures in here, those of the entry too, are as they may leave the site.
    `differs` holds the settings in which it differs from other entries of its method on this board. `place` is what its
    rank may be beyond chance, once it was compared with the others.
    """

    entry: Entry
    rank: int | None
    reason: str
    tied_with_best: bool
    figures: tuple[Figure | None, ...]
    differs: Mapping[str, Any] = field(default_factory=dict)
    place: Place | None = None


@dataclass(frozen=True, kw_only=True)
class Board:
    """Ranked by `columns[ranked_by]`. `apart` holds results on other data or another protocol: not comparable.

    Where there are tiers, a board is of one. Entries that are under way stand behind all others, without a rank.
    `has_unverified` says whether entries that were not run here belong to it, even where they are left out.
    """

    benchmark: Benchmark
    track: str | None
    tier: str
    key: str | None
    columns: tuple[Column, ...]
    ranked_by: int
    rows: tuple[Row, ...]
    apart: tuple[Row, ...]
    verified_only: bool = False
    has_unverified: bool = False
