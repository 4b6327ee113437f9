"""A plot as pages lay it out: its drawing, and its figures as a table."""

from dataclasses import dataclass
from typing import Any

from farfield_web.leaderboards.plots.base import Plot
from farfield_web.pages.templatetags.figures import shown


@dataclass(frozen=True, kw_only=True)
class PlotView:
    """A plot with its table, each cell as text. address: of its specification. file: a name to save it by."""

    plot: Plot
    address: str
    file: str
    rows: tuple[tuple[str, ...], ...]


def plot_view(plot: Plot, address: str, file: str) -> PlotView:
    """The view of a plot whose specification is at an address."""
    rows = tuple(tuple(_text(row.get(column.name), column.unit) for column in plot.columns) for row in plot.rows)
    return PlotView(plot=plot, address=address, file=f"{file}-{plot.name}", rows=rows)


def _text(value: Any, unit: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, float) and unit == "%":
        return shown(value, unit, 2)
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else str(value)
