"""What a board's figures draw: the dumbbells of its first entries, and OOD against ID accuracy."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.metrics.robustness import fit_line
from farfield_evaluators.reported import Reported
from farfield_web.leaderboards.axes import Axes, axes_of, reference_of
from farfield_web.leaderboards.curves import Point as CurvePoint
from farfield_web.leaderboards.labels import NOT_RUN
from farfield_web.leaderboards.queries import Board, Row
from farfield_web.pages.boards.charts import Dumbbell, Layout, Series, dumbbell
from farfield_web.pages.boards.differing import in_words
from farfield_web.pages.boards.scatter import Baseline, Point, Scatter, Trail, scatter
from farfield_web.pages.describe import members_of
from farfield_web.runs.figures import Key

CURVES = 10  # on one plot; more lines hide more than they tell


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
