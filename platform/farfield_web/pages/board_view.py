"""A board as pages show it: text, links and the figure, from the ranked rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from farfield import Benchmark, Column, Track
from farfield_web.leaderboards.queries import Board, Row, board
from farfield_web.leaderboards.ranking import Figure
from farfield_web.pages.charts import COMPACT, WIDE, Dumbbell, Layout, Series, dumbbell
from farfield_web.pages.describe import members_of
from farfield_web.pages.submission_view import track_title
from farfield_web.pages.templatetags.figures import shown
from farfield_web.submissions.models import Method, Submission

AGGREGATES = ("id", "shifts", "near", "far")
CHART_ROWS = 12
HOME_ROWS = 5


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A figure of the table, as text."""

    text: str
    error: str
    headline: bool


@dataclass(frozen=True, kw_only=True)
class Head:
    """A column title: a link that ranks by it."""

    title: str
    help: str
    href: str
    ranks: bool
    headline: bool
    higher_is_better: bool


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A link of the track filter."""

    title: str
    help: str
    href: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row of the table. `rank` is None for an unranked entry, and `reason` says why."""

    submission: Submission
    rank: int | None
    tied_with_best: bool
    reason: str
    track: str
    key: str
    labels: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def ranked_cell(self) -> Cell:
        """The figure of the headline column."""
        return self.cells[0]


@dataclass(frozen=True, kw_only=True)
class BoardView:
    """Everything the page of a board lays out."""

    board: Board
    ranked_by: str
    heads: tuple[Head, ...]
    tracks: tuple[Choice, ...]
    track_help: str
    lines: tuple[Line, ...]
    unranked: tuple[Line, ...]
    apart: tuple[Line, ...]
    chart: Dumbbell | None
    narrow_chart: Dumbbell | None
    chart_titles: tuple[str, str]


def view_of(found: Board) -> BoardView:
    """The page's view of a board."""
    benchmark = found.benchmark
    lines = [line_of(row, benchmark) for row in found.rows]
    headline, reference = benchmark.columns[0], reference_of(benchmark)
    return BoardView(
        board=found,
        ranked_by=found.columns[found.ranked_by].title,
        heads=tuple(_head(found, index) for index in range(len(found.columns))),
        tracks=_choices(found),
        track_help=next((t.description for t in benchmark.tracks if t.name == found.track), ""),
        lines=tuple(line for line in lines if line.rank is not None),
        unranked=tuple(line for line in lines if line.rank is None),
        apart=tuple(line_of(row, benchmark) for row in found.apart),
        chart=chart_of(found, limit=CHART_ROWS, layout=WIDE),
        narrow_chart=chart_of(found, limit=CHART_ROWS, layout=COMPACT),
        chart_titles=(headline.title, reference.title if reference else ""),
    )


def line_of(row: Row, benchmark: Benchmark) -> Line:
    """A row as text."""
    submission = row.entry.submission
    return Line(
        submission=submission,
        rank=row.rank,
        tied_with_best=row.tied_with_best or row.rank == 1,
        reason=row.reason,
        track=track_title(benchmark, submission.track),
        key=", ".join(sorted(row.entry.keys)) or "none",
        labels=row.entry.labels,
        cells=tuple(_cell(figure, benchmark, index) for index, figure in enumerate(row.figures)),
    )


def reference_of(benchmark: Benchmark) -> Column | None:
    """What the headline is read against: another aggregate of the same metric, as ID beside the mean of shifts."""
    headline = benchmark.columns[0]
    same = (c for c in benchmark.columns[1:] if c.metric == headline.metric and c.domain in AGGREGATES)
    return next(same, None)


def chart_of(found: Board, *, limit: int, layout: Layout) -> Dumbbell | None:
    """The figure of the first entries."""
    benchmark = found.benchmark
    series = [_series(row, benchmark) for row in found.rows if row.rank is not None and row.figures[0] is not None]
    reference = reference_of(benchmark)
    beside = f" beside {reference.title}" if reference else ""
    alt = f"{benchmark.columns[0].title}{beside}, for each of the first entries; the table has the same figures."
    return dumbbell(series[:limit], alt=alt, layout=layout)


def compact_chart(found: Board) -> Dumbbell | None:
    """The small figure of the first page."""
    return chart_of(found, limit=HOME_ROWS, layout=COMPACT)


@dataclass(frozen=True, kw_only=True)
class Result:
    """A method's entry on a board."""

    benchmark: Benchmark
    headline: str
    line: Line


def results_of(method: Method, benchmarks: Sequence[Benchmark]) -> list[Result]:
    """The comparable entries of a method, with their ranks among all tracks."""
    return [
        Result(benchmark=benchmark, headline=benchmark.columns[0].title, line=line_of(row, benchmark))
        for benchmark in benchmarks
        for row in board(benchmark).rows
        if row.entry.submission.method_id == method.pk
    ]


def address(benchmark: Benchmark, track: str | None, column: Column | None) -> str:
    """The address of a board, filtered and ranked."""
    wanted = {"track": track, "by": f"{column.metric}:{column.domain}" if column else None}
    query = urlencode({name: value for name, value in wanted.items() if value}, safe=":")
    return reverse("board", args=[benchmark.name]) + (f"?{query}" if query else "")


def _head(found: Board, index: int) -> Head:
    column = found.columns[index]
    metric = found.benchmark.metric(column.metric)
    direction = "higher" if metric.higher_is_better else "lower"
    return Head(
        title=column.title,
        help=f"Rank by {column.title} ({metric.title}, {direction} is better)",
        href=address(found.benchmark, found.track, column if index else None),
        ranks=index == found.ranked_by,
        headline=index == 0,
        higher_is_better=metric.higher_is_better,
    )


def _choices(found: Board) -> tuple[Choice, ...]:
    column = found.columns[found.ranked_by] if found.ranked_by else None
    return (
        Choice(title="All tracks", help="", href=address(found.benchmark, None, column), current=found.track is None),
        *(_choice(found, track, column) for track in found.benchmark.tracks),
    )


def _choice(found: Board, track: Track, column: Column | None) -> Choice:
    return Choice(
        title=track.title,
        help=track.description,
        href=address(found.benchmark, track.name, column),
        current=track.name == found.track,
    )


def _cell(figure: Figure | None, benchmark: Benchmark, index: int) -> Cell:
    unit = benchmark.metric(benchmark.columns[index].metric).unit
    value, stderr = (figure.value, figure.stderr) if figure else (None, None)
    return Cell(text=shown(value, unit), error="" if stderr is None else shown(stderr, unit), headline=index == 0)


def _series(row: Row, benchmark: Benchmark) -> Series:
    headline, reference = benchmark.columns[0], reference_of(benchmark)
    first = row.figures[0]
    if first is None:
        raise ValueError("a ranked row has a headline figure")
    domains = [row.entry.figures.get((headline.metric, name)) for name in members_of(benchmark, headline.domain)]
    other = row.entry.figure(reference) if reference else None
    return Series(
        label=_label(row.entry.submission),
        headline=first.value,
        stderr=first.stderr,
        reference=other.value if other else None,
        domains=tuple(figure.value for figure in domains if figure),
    )


def _label(submission: Submission) -> str:
    name = submission.display_name
    return f"{name}, {submission.title}" if submission.title else name
