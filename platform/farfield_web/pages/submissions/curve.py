"""The curve of a submission as its page shows it: a plot of OOD against ID accuracy, and a table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from farfield.runtime.curve import MOST_POINTS
from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.figure import Figure
from farfield_web.leaderboards.axes import Axes, headline_axes
from farfield_web.leaderboards.curves import Point as CurvePoint
from farfield_web.leaderboards.queries import Entry
from farfield_web.pages.boards.board_charts import trail_of
from farfield_web.pages.boards.scatter import Point, Scatter, scatter
from farfield_web.pages.templatetags.figures import shown, shown_error
from farfield_web.runs.figures import Key


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A figure and its error, as text."""

    text: str
    error: str


@dataclass(frozen=True, kw_only=True)
class CurveRow:
    """The figures at one point; `title` is the point."""

    title: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class CurvePlot:
    """The points on the plot of OOD against ID accuracy, with the titles of its axes."""

    plot: Scatter
    id_title: str
    ood_title: str


@dataclass(frozen=True, kw_only=True)
class CurveView:
    """A row for each point, a column for each of the board's that has a figure; no plot where there are no two axes.

    `trials` is the number of trials that the figures are of.
    """

    titles: tuple[str, ...]
    rows: tuple[CurveRow, ...]
    plot: CurvePlot | None
    trials: int


def curve_view(entry: Entry, benchmark: Benchmark) -> CurveView | None:
    """The curve of an entry; None when it has none, or none with a figure of the benchmark's columns."""
    columns = [c for c in benchmark.columns if any((c.metric, c.domain) in one.figures for one in entry.curve)]
    if not columns:
        return None
    names = point_titles([one.point for one in entry.curve])
    return CurveView(
        titles=tuple(column.title for column in columns),
        rows=tuple(_row(name, one, columns, benchmark) for name, one in zip(names, entry.curve, strict=True)),
        plot=_plot(entry, names, benchmark),
        trials=max(figure.trials for one in entry.curve for figure in one.figures.values()),
    )


def point_titles(points: Sequence[float]) -> list[str]:
    """The points as a person writes them; with all of their digits where they could not be told apart otherwise.

    >>> point_titles([0.0, 0.1 + 0.2, 1.0])
    ['0', '0.3', '1']
    >>> point_titles([0.3, 0.1 + 0.2])
    ['0.3', '0.30000000000000004']
    """
    short = [f"{point:g}" for point in points]
    return short if len(set(short)) == len(points) else [repr(point) for point in points]


def _row(title: str, one: CurvePoint, columns: Sequence[Column], benchmark: Benchmark) -> CurveRow:
    cells = (_cell(one.figures.get((c.metric, c.domain)), benchmark.metric(c.metric).unit) for c in columns)
    return CurveRow(title=title, cells=tuple(cells))


def _cell(figure: Figure | None, unit: str) -> Cell:
    if figure is None:
        return Cell(text=shown(None), error="")
    return Cell(text=shown(figure.value, unit), error=shown_error(figure.stderr, unit))


def _plot(entry: Entry, names: Sequence[str], benchmark: Benchmark) -> CurvePlot | None:
    axes = headline_axes(benchmark)
    if axes is None:
        return None
    points, trail = list(_points(entry, names, axes)), trail_of(entry.curve, axes, "The curve")
    if not any(point.ring for point in points):
        return None
    alt = (
        f"{axes.ood_title} against {axes.id_title}, a ring for each point of the curve and a dot for the entry, with "
        "the line on which the two are equal. The tables have the same figures."
    )
    trails = [trail] if trail else []
    plot = scatter(points, alt=alt, trails=trails, numbered=MOST_POINTS + 1, centred=True)
    return CurvePlot(plot=plot, id_title=axes.id_title, ood_title=axes.ood_title) if plot else None


def _points(entry: Entry, names: Sequence[str], axes: Axes) -> Iterable[Point]:
    """A ring for each point that has both accuracies; the entry last, to lie on top of one that it equals."""
    for name, one in zip(names, entry.curve, strict=True):
        if point := _point(one.figures, axes, f"At {name}"):
            yield replace(point, number=name, ring=True)
    if point := _point(entry.figures, axes, "The entry"):
        yield point


def _point(figures: Mapping[Key, Figure], axes: Axes, label: str) -> Point | None:
    """Without bars, which would lie on the numbers of a dozen dots so close together; the table has the errors."""
    x, y = figures.get(axes.id), figures.get(axes.ood)
    return None if x is None or y is None else Point(label=label, x=x.value, y=y.value)
