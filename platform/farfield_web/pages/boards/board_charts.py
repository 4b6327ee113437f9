"""What a board's figures draw: the dumbbells of its first entries, and OOD against ID accuracy."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.urls import reverse

from farfield import families
from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.metrics.catalog import EFFECTIVE_ROBUSTNESS, ID_SUBSET_ACCURACY
from farfield_evaluators.metrics.robustness import fit_line
from farfield_evaluators.reported import Reported
from farfield_web.leaderboards.curves import Point as CurvePoint
from farfield_web.leaderboards.labels import NOT_RUN
from farfield_web.leaderboards.queries import Board, Row
from farfield_web.pages.boards.charts import Dumbbell, Layout, Series, dumbbell
from farfield_web.pages.boards.differing import in_words
from farfield_web.pages.boards.scatter import Baseline, Point, Scatter, Trail, scatter
from farfield_web.pages.describe import members_of
from farfield_web.runs.figures import Key

CURVES = 10  # on one plot; more lines hide more than they tell
ROBUSTNESS, ID_SUBSET = EFFECTIVE_ROBUSTNESS.name, ID_SUBSET_ACCURACY.name


def reference_of(benchmark: Benchmark, headline: Column | None = None) -> Column | None:
    """What the headline is read against: another aggregate of the same metric, as ID beside the mean of shifts."""
    headline = headline or benchmark.columns[0]
    names = {aggregate.name for aggregate in benchmark.aggregates}
    same = (c for c in benchmark.columns if c.metric == headline.metric and c.domain in names and c != headline)
    return next(same, None)


def chart_of(found: Board, *, limit: int, layout: Layout, headline: Column | None = None) -> Dumbbell | None:
    """The figure of the first entries, in the order of the board."""
    benchmark, column = found.benchmark, headline or found.benchmark.columns[0]
    reference = reference_of(benchmark, column)
    series = [one for row in found.rows if row.rank is not None and (one := _series(row, benchmark, column))]
    beside = f" beside {reference.title}" if reference else ""
    alt = f"{column.title}{beside}, for each of the first entries; the table has the same figures."
    return dumbbell(series[:limit], alt=alt, layout=layout)


def _series(row: Row, benchmark: Benchmark, headline: Column) -> Series | None:
    first, reference = row.entry.figure(headline), reference_of(benchmark, headline)
    if first is None:
        return None
    domains = [row.entry.figures.get((headline.metric, name)) for name in members_of(benchmark, headline.domain)]
    other = row.entry.figure(reference) if reference else None
    return Series(
        label=_label(row),
        verified=row.entry.verified,
        headline=first.value,
        stderr=first.stderr,
        reference=other.value if other else None,
        domains=tuple(figure.value for figure in domains if figure),
    )


@dataclass(frozen=True, kw_only=True)
class Axes:
    """What the plot of OOD against ID accuracy has on its axes, and the figure that tells its baseline."""

    id: Key
    ood: Key
    id_title: str
    ood_title: str

    @property
    def robustness(self) -> Key:
        return ROBUSTNESS, self.ood[1]


@dataclass(frozen=True, kw_only=True)
class Line:
    """The plot of OOD against ID accuracy with the titles of its axes.

    `more_curves` says that entries of lower ranks have curves, too, which are not drawn.
    """

    plot: Scatter
    id_title: str
    ood_title: str
    has_reported: bool
    more_curves: bool


def line_chart_of(found: Board, reported: Sequence[Reported]) -> Line | None:
    """OOD against ID accuracy on a board of classifiers that has both; None elsewhere, or without entries."""
    axes = axes_of(found)
    if axes is None:
        return None
    points = [point for row in found.rows if (point := point_of(row, axes.id, axes.ood))]
    published = [point for one in reported if (point := reported_point(one, axes.id, axes.ood))]
    trails = _trails(found, axes)
    alt = (
        f"{axes.ood_title} against {axes.id_title}, a dot for each entry, with the line on which the two are equal. "
        "The table has the same figures."
    )
    if trails:
        alt += " A thin line follows the curve of an entry; the entry's page has its figures."
    plot = scatter([*points, *published], alt=alt, baseline=_baseline(found, axes), trails=trails[:CURVES])
    if plot is None:
        return None
    return Line(
        plot=plot,
        id_title=axes.id_title,
        ood_title=axes.ood_title,
        has_reported=bool(published),
        more_curves=len(trails) > CURVES,
    )


def axes_of(found: Board) -> Axes | None:
    """The shift that ranks, else the headline, against ID accuracy: on the shift's own classes where that is known."""
    benchmark, ranks = found.benchmark, found.columns[found.ranked_by]
    axes, headline = headline_axes(benchmark), benchmark.columns[0]
    if axes is None:
        return None
    shifts = {domain.name for domain in benchmark.domains if domain.role == "shift"}
    ood = ranks if ranks.metric == headline.metric and ranks.domain in shifts else headline
    axes, subset = replace(axes, ood=(ood.metric, ood.domain), ood_title=ood.title), (ID_SUBSET, ood.domain)
    known = ood.domain in shifts and any(subset in row.entry.figures for row in found.rows)
    return replace(axes, id=subset, id_title=benchmark.metric(ID_SUBSET).title) if known else axes


def headline_axes(benchmark: Benchmark) -> Axes | None:
    """The headline against ID accuracy; None where these are not the accuracies of a classifier."""
    headline, reference = benchmark.columns[0], reference_of(benchmark)
    if not families.of(benchmark.family).curves or reference is None or reference.domain != "id":
        return None
    return Axes(
        id=(reference.metric, reference.domain),
        ood=(headline.metric, headline.domain),
        id_title=reference.title,
        ood_title=headline.title,
    )


def trail_of(curve: Sequence[CurvePoint], axes: Axes, label: str) -> Trail | None:
    """The line through a curve; None where it has not two points with both accuracies."""
    known = [one.figures for one in curve if axes.id in one.figures and axes.ood in one.figures]
    places = tuple((figures[axes.id].value, figures[axes.ood].value) for figures in known)
    return Trail(label=label, places=places) if len(places) > 1 else None


def _trails(found: Board, axes: Axes) -> list[Trail]:
    """The curves of the ranked entries that have one, the best first."""
    ranked = [row for row in found.rows if row.rank is not None]
    trails = (trail_of(row.entry.curve, axes, f"The curve of {_label(row)}") for row in ranked)
    return [trail for trail in trails if trail]


def _baseline(found: Board, axes: Axes) -> Baseline | None:
    """What standard models reach, read off the entries: each one's OOD accuracy less its effective robustness."""
    figures = [row.entry.figures for row in found.rows]
    known = [one for one in figures if all(key in one for key in (axes.id, axes.ood, axes.robustness))]
    pairs = [(one[axes.id].value, one[axes.ood].value - one[axes.robustness].value) for one in known]
    return fit_line(pairs, least_id=0.0)


def point_of(row: Row, of_x: Key, of_y: Key) -> Point | None:
    """An entry at two of its figures; None where it has not both."""
    figures, submission = row.entry.figures, row.entry.submission
    if of_x not in figures or of_y not in figures:
        return None
    x, y = figures[of_x], figures[of_y]
    return Point(
        label=_label(row) if row.entry.verified else f"{_label(row)} ({NOT_RUN})",
        x=x.value,
        y=y.value,
        x_error=x.stderr,
        y_error=y.stderr,
        number=str(row.rank or ""),
        sent=not row.entry.verified,
        href=reverse("submission", args=[submission.pk]),
    )


def reported_point(one: Reported, of_x: Key, of_y: Key) -> Point | None:
    """Published figures as a ring; None where there are not both."""
    x, y = one.figures.get(of_x), one.figures.get(of_y)
    if x is None or y is None:
        return None
    return Point(label=f"{one.method}, reported", x=x, y=y, ring=True)


def _label(row: Row) -> str:
    """What an entry is called in a plot: where a title does not tell it from others, by its settings."""
    submission = row.entry.submission
    return ", ".join((submission.display_name, *([submission.title] if submission.title else in_words(row.differs))))
