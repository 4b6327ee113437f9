"""Which plots a board has: each is data as it was published, and a Vega-Lite specification that draws it.

A plot is there only where its data are. The rows of a plot are the table that stands in for it without JavaScript.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import reported_for
from farfield_evaluators.reported import Reported
from farfield_web.leaderboards.labels import NOTED
from farfield_web.leaderboards.plots.specs import NOT_RUN, REPORTED, RUN_HERE
from farfield_web.leaderboards.queries import Board, Row
from farfield_web.runs.figures import Key

Json = dict[str, Any]
MOST_ENTRIES = 500  # in one plot: of a larger board the first, which is said


@dataclass(frozen=True, kw_only=True)
class Field:
    """A column of a plot's data: its name in the rows, its title, and how people read it ("%": times 100)."""

    name: str
    title: str
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A plot of a board.

    name: in its address. description: what it shows, for who cannot see it. about: how it is read, in sentences. rows:
    the data, an object each, with what `columns` name. spec: the drawing in Vega-Lite 6, its data inline.
    """

    name: str
    title: str
    description: str
    about: tuple[str, ...]
    columns: tuple[Field, ...]
    rows: tuple[Json, ...] = field(repr=False)
    spec: Json = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A board of which plots are made: its first entries in the order of their ranks, and what was reported."""

    board: Board
    rows: tuple[Row, ...]
    reported: tuple[Reported, ...]

    @property
    def benchmark(self) -> Benchmark:
        return self.board.benchmark


Maker = Callable[[Drawn], Sequence[Plot]]


def drawn_of(board: Board) -> Drawn:
    """The ranked entries of a board, at most MOST_ENTRIES, and the published figures that may stand beside them."""
    ranked = tuple(row for row in board.rows if row.rank is not None)[:MOST_ENTRIES]
    return Drawn(board=board, rows=ranked, reported=tuple(reported_for(board.benchmark.name, board.tier)))


def plots_of(board: Board, makers: Sequence[Maker]) -> tuple[Plot, ...]:
    """All plots that a board has data for, in the order of their makers."""
    drawn = drawn_of(board)
    return tuple(plot for make in makers for plot in make(drawn))


def label_of(row: Row) -> str:
    """What an entry is called in a plot: its method, and its title or the settings that tell it from others."""
    submission = row.entry.submission
    settings = [f"{name} {value}" for name, value in list(row.differs.items())[:3]]
    noted = [NOTED] if NOTED in row.entry.labels else []
    return ", ".join((submission.display_name, *([submission.title] if submission.title else settings), *noted))


def trust_of(row: Row) -> str:
    """Which of TRUST an entry is."""
    return RUN_HERE if row.entry.verified else NOT_RUN


def entry_of(row: Row) -> Json:
    """What every plot says of an entry."""
    return {
        "entry": label_of(row),
        "rank": row.rank,
        "trust": trust_of(row),
        "submission": str(row.entry.submission.pk),
    }


def reported_entry(one: Reported) -> Json:
    """What every plot says of published figures: they are no entry, and have no rank."""
    return {"entry": one.method, "rank": None, "trust": REPORTED, "submission": None}


def trust_in(rows: Iterable[Json]) -> set[str]:
    """Which of TRUST there are among the rows of a plot."""
    return {row["trust"] for row in rows}


def value_of(row: Row, key: Key) -> float | None:
    """A figure of an entry, as published."""
    figure = row.entry.figures.get(key)
    return None if figure is None else figure.value


def error_of(row: Row, key: Key) -> float | None:
    """The standard error of a figure, as published."""
    figure = row.entry.figures.get(key)
    return None if figure is None else figure.stderr
