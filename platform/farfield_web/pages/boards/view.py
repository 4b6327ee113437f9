"""A board as pages show it: text, links and the figures, from the ranked rows."""

from dataclasses import dataclass

from farfield_evaluators.benchmark import Column
from farfield_evaluators.catalog import reported_for
from farfield_evaluators.plans.means import spread_of
from farfield_evaluators.run_plan import Spread
from farfield_web.leaderboards.axes import reference_of
from farfield_web.leaderboards.queries import Board
from farfield_web.pages.boards import board_charts
from farfield_web.pages.boards.board_charts import chart_of, line_chart_of
from farfield_web.pages.boards.charts import COMPACT, WIDE, Dumbbell, Layout
from farfield_web.pages.boards.group_board import GroupTable, file_address, group_tables
from farfield_web.pages.boards.lines import Line, line_of
from farfield_web.pages.boards.plots import PlotView, plots_of
from farfield_web.pages.boards.query import Asked
from farfield_web.pages.boards.rows import PAGE, Shown
from farfield_web.pages.boards.table import Table, sources_of, table_of, title_of
from farfield_web.pages.boards.tools import Tools, tools_of
from farfield_web.pages.describe import Paper, paper

CHART_ROWS = 12


@dataclass(frozen=True, kw_only=True)
class BoardView:
    """Everything the page of a board lays out.

    from_row, to_row: the places of its first and last entry. has_errors: whether figures have one after ±, or may.
    """

    board: Board
    asked: Asked
    tools: Tools
    table: Table
    total: int
    from_row: int
    to_row: int
    ranked_by: str
    has_errors: bool
    apart: tuple[Line, ...]
    chart: Dumbbell | None
    narrow_chart: Dumbbell | None
    chart_titles: tuple[str, str]
    line: board_charts.Line | None
    plots: tuple[PlotView, ...]
    groups: tuple[GroupTable, ...]
    groups_href: str
    reported: int
    reported_href: str
    sources: tuple[Paper, ...]


def view_of(shown: Shown, wanted: Asked) -> BoardView:
    """The view of a page of a board that was read as wanted."""
    benchmark, columns, headline, found = wanted.benchmark, wanted.columns, wanted.headline, shown.board
    known = reported_for(benchmark.name, wanted.tier)
    published = known if wanted.reported else ()
    reference, first = reference_of(benchmark, headline), (shown.page - 1) * PAGE
    return BoardView(
        board=found,
        asked=wanted,
        tools=tools_of(shown, wanted),
        table=table_of(shown, wanted, published),
        total=shown.total,
        from_row=min(first + 1, shown.total),
        to_row=first + len(shown.rows),
        ranked_by=title_of(wanted, wanted.column),
        has_errors=_has_errors(found, benchmark.plan.spread),
        apart=tuple(line_of(row, benchmark, columns, wanted.ranked_by) for row in found.apart),
        chart=_chart(found, WIDE, headline),
        narrow_chart=_chart(found, COMPACT, headline),
        chart_titles=(title_of(wanted, headline), reference.title if reference else ""),
        line=None if benchmark.plots else line_chart_of(found, published),
        plots=plots_of(found, published),
        groups=group_tables(found),
        groups_href=file_address(wanted),
        reported=len(known),
        reported_href=wanted.with_reported(not wanted.reported).address,
        sources=tuple(paper(text) for text in sources_of(published)),
    )


def _has_errors(board: Board, spread: Spread) -> bool:
    """Of a board without a figure nobody knows."""
    figures = [figure for row in board.rows for figure in row.figures if figure]
    return not figures or any(spread_of(figure, spread) is not None for figure in figures)


def _chart(found: Board, layout: Layout, headline: Column) -> Dumbbell | None:
    """The figure of the first entries; none where the benchmark declares which plots its board has."""
    return None if found.benchmark.plots else chart_of(found, limit=CHART_ROWS, layout=layout, headline=headline)
