"""The lines of a board as text: an entry's figures, or those its authors reported."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.plans.means import spread_of
from farfield_evaluators.reported import Reported
from farfield_evaluators.seen import Seen
from farfield_evaluators.standing import Standing
from farfield_web.entries.names import by_whom, knows_author
from farfield_web.leaderboards.held import times_in_words
from farfield_web.leaderboards.places import Place
from farfield_web.leaderboards.queries import Row
from farfield_web.pages.boards.differing import in_words
from farfield_web.pages.boards.selections import columns_of
from farfield_web.pages.submissions.view import track_title
from farfield_web.pages.templatetags.figures import shown, shown_error
from farfield_web.submissions.models import Submission

NOT_RUN = "reported by its authors, not run here"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A figure of the table, as text, under its column's `title`. `best` stands out, and so does what is shaded."""

    text: str
    error: str
    headline: bool
    ranks: bool = False
    title: str = ""
    best: bool = False
    shade: int = 0


@dataclass(frozen=True, kw_only=True)
class Band:
    """The ranks that an entry may hold, and the one it has, in per cent of the ranks between which a table draws."""

    left: float
    width: float
    at: float


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row of the table. `rank` is None for an unranked entry, and `reason` says why.

    A reported line has the number of its `source` below the table, and no page of its own, so no `href`. `verified` is
    what was run here, `reproduced` how often others gave the same, `seen` what of the test data it may have seen where
    that can be said, and `settings` tells it from other entries of its method. `standing` is what it is by the rules
    of the benchmark's authors, where they have some. `place` is there once the entry was compared with the others, and
    `band` where that is drawn. `trials` is how many it has, where methods differ in that. `answers` are what the hosts
    want said here, with their questions. `about` has of each column beside those of figures its name, its title, the
    text and where that leads.
    """

    name: str
    href: str
    title: str
    facts: tuple[str, ...]
    rank: int | None
    tied_with_best: bool
    reason: str
    key: str
    labels: tuple[str, ...]
    cells: tuple[Cell, ...]
    source: int = 0
    verified: bool = False
    reproduced: str = ""
    seen: Seen | None = None
    settings: tuple[str, ...] = ()
    standing: Standing | None = None
    place: Place | None = None
    band: Band | None = None
    about: tuple[tuple[str, str, str, str], ...] = ()
    entry: str = ""
    trials: int = 0
    answers: tuple[tuple[str, str], ...] = ()

    @property
    def ranks(self) -> str:
        """The ranks that it may hold beyond chance, where these are several."""
        return f"{self.place.low}\u2013{self.place.high}" if self.place and self.place.low < self.place.high else ""

    @property
    def why(self) -> str:
        """Why it has no rank, as a line begins with it."""
        return f"U{self.reason[1:]}" if self.reason.startswith("unfinished") else f"Unranked: {self.reason}"

    @property
    def has_figures(self) -> bool:
        """Whether there is anything to show in the columns."""
        return any(cell.text != shown(None) for cell in self.cells)


def line_of(row: Row, benchmark: Benchmark, columns: Sequence[int] | None = None, ranked_by: int = -1) -> Line:
    """An entry as text, in these columns of the benchmark, the first of them the headline."""
    submission = row.entry.submission
    return Line(
        name=submission.display_name,
        href=reverse("submission", args=[submission.pk]),
        title=submission.title,
        facts=(track_title(benchmark, submission.track), by_whom(submission)),
        rank=row.rank,
        tied_with_best=row.tied_with_best or row.rank == 1,
        reason=row.reason,
        key=", ".join(sorted(row.entry.keys)) or "none",
        labels=row.entry.labels,
        cells=_cells(
            benchmark,
            [(f.value, spread_of(f, benchmark.plan.spread)) if f else (None, None) for f in row.figures],
            columns or default_columns(benchmark),
            ranked_by,
        ),
        verified=row.entry.verified,
        reproduced=times_in_words(row.entry.reproduced),
        seen=row.entry.seen,
        settings=in_words(row.differs),
        standing=row.entry.standing,
        place=row.place,
        entry=str(submission.pk),
        trials=_trials(row) if benchmark.plan.stochastic else 0,
    )


def _trials(row: Row) -> int:
    return max((figure.trials for figure in row.figures if figure is not None), default=0)


def profile_of(submission: Submission) -> str:
    """The page of who entered it; empty where readers are not told who, and for a closed account."""
    told = knows_author(submission) and submission.owner.is_active
    return reverse("profile", args=[submission.owner.username]) if told else ""


def reported_line(one: Reported, benchmark: Benchmark, columns: Sequence[int], ranked_by: int, source: int) -> Line:
    """Published figures as text, with the number of their source."""
    figures = [(one.figures.get((c.metric, c.domain)), None) for c in benchmark.columns]
    return Line(
        name=one.method,
        href="",
        title="",
        facts=(),
        rank=None,
        tied_with_best=False,
        reason="",
        key="",
        labels=(NOT_RUN,),
        cells=_cells(benchmark, figures, columns, ranked_by),
        source=source,
    )


def default_columns(benchmark: Benchmark) -> tuple[int, ...]:
    """The columns a board shows when nothing else is asked for."""
    return columns_of(benchmark, next(iter(benchmark.plan.selections), None))


def interleaved(
    ranked: Sequence[tuple[float, Line]], reported: Sequence[tuple[float, Line]], *, higher_is_better: bool
) -> tuple[Line, ...]:
    """Reported lines at the places where their value would stand; entries come first among equals.

    `ranked` is in its order already. Values are of the column that ranks.
    """
    sign = -1.0 if higher_is_better else 1.0
    entries = [((sign * value, 0, at), line) for at, (value, line) in enumerate(ranked)]
    others = sorted(((sign * value, 1, at), line) for at, (value, line) in _numbered(reported))
    return tuple(line for _, line in heapq.merge(entries, others, key=lambda pair: pair[0]))


def _numbered(lines: Sequence[tuple[float, Line]]) -> list[tuple[int, tuple[float, Line]]]:
    return list(enumerate(lines))


def _cells(
    benchmark: Benchmark,
    figures: Sequence[tuple[float | None, float | None]],
    columns: Sequence[int],
    ranked_by: int,
) -> tuple[Cell, ...]:
    return tuple(
        _cell(figures[i], _unit(benchmark, i), headline=i == columns[0], ranks=i == ranked_by) for i in columns
    )


def _cell(figure: tuple[float | None, float | None], unit: str, *, headline: bool, ranks: bool) -> Cell:
    value, spread = figure
    return Cell(text=shown(value, unit), error=shown_error(spread, unit), headline=headline, ranks=ranks)


def _unit(benchmark: Benchmark, column: int) -> str:
    return benchmark.metric(benchmark.columns[column].metric).unit
