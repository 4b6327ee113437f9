"""All plots of a board, in the order in which they are shown."""

from farfield_web.leaderboards.plots.against import declared, on_the_line
from farfield_web.leaderboards.plots.base import Maker, Plot, plots_of
from farfield_web.leaderboards.plots.costs import costs
from farfield_web.leaderboards.plots.domains import curves, parallel
from farfield_web.leaderboards.plots.history import record
from farfield_web.leaderboards.queries import Board

MAKERS: tuple[Maker, ...] = (on_the_line, declared, parallel, costs, record, curves)


def board_plots(board: Board) -> tuple[Plot, ...]:
    """The plots that this board has data for."""
    return plots_of(board, MAKERS)
