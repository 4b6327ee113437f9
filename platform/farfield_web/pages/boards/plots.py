"""The plots that a benchmark declares, such as average against worst group: a mark for each entry of the board."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from farfield_evaluators.benchmark import Plot
from farfield_evaluators.reported import Reported
from farfield_web.leaderboards.queries import Board
from farfield_web.pages.boards.board_charts import point_of, reported_point
from farfield_web.pages.boards.scatter import Scatter, scatter


@dataclass(frozen=True, kw_only=True)
class PlotView:
    """A plot with what stands around it. `equal` says what the line means on which both figures are equal."""

    key: str
    title: str
    plot: Scatter
    x_title: str
    y_title: str
    equal: str
    per_cent: bool
    has_reported: bool


def plots_of(found: Board, reported: Sequence[Reported]) -> tuple[PlotView, ...]:
    """The declared plots for which at least one entry has both figures."""
    views = (_view(number, plot, found, reported) for number, plot in enumerate(found.benchmark.plots))
    return tuple(view for view in views if view is not None)


def _view(number: int, plot: Plot, found: Board, reported: Iterable[Reported]) -> PlotView | None:
    x, y = (plot.x.metric, plot.x.domain), (plot.y.metric, plot.y.domain)
    points = [point for row in found.rows if (point := point_of(row, x, y))]
    published = [point for one in reported if (point := reported_point(one, x, y))]
    unit = found.benchmark.metric(plot.y.metric).unit
    drawn = scatter(
        [*points, *published],
        alt=f"{plot.y.title} against {plot.x.title}, a mark for each entry, with the line on which the two are equal.",
        plain=True,
        names=(plot.x.title, plot.y.title),
        unit=unit,
    )
    if drawn is None:
        return None
    return PlotView(
        key=f"plot-{number}",
        title=plot.title,
        plot=drawn,
        x_title=plot.x.title,
        y_title=plot.y.title,
        equal=plot.equal,
        per_cent=unit == "%",
        has_reported=bool(published),
    )
