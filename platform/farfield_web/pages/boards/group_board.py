"""Figures by group on a board: a table of its entries by the groups behind the headline, and all groups as a file."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.plans.means import BESIDES, named_spreads
from farfield_evaluators.scoring.group_sizes import groupings_of
from farfield_web.entries.names import shown_author, shown_team
from farfield_web.exports.spreadsheet import known, safe
from farfield_web.leaderboards.queries import Board, Row, current_data
from farfield_web.pages.boards.group_table import (
    Cell,
    Place,
    Selected,
    cells_of,
    metrics_of,
    places_of,
    selected,
)
from farfield_web.pages.boards.lines import Line, line_of
from farfield_web.pages.boards.query import Asked
from farfield_web.pages.describe import members_of
from farfield_web.submissions.models import BenchmarkData

MOST_ROWS = 30
HEAD = (
    "rank",
    "method",
    "owner",
    "team",
    "submission",
    "domain",
    "group",
    "metric",
    "value",
    "stderr",
    *BESIDES,
    "n",
    "examples",
)


@dataclass(frozen=True, kw_only=True)
class GroupRow:
    """An entry with its figures at the groups of the table."""

    line: Line
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class GroupTable:
    """Entries by groups. `more_rows` says how many entries are not shown."""

    key: str
    place: Place
    metric: str
    shown: Selected
    rows: tuple[GroupRow, ...]
    more_rows: int
    per_cent: bool


def group_tables(found: Board) -> tuple[GroupTable, ...]:
    """A table for each grouping, on the test domains behind the headline; none where no figure of a group is there."""
    if not groupings_of(found.benchmark):
        return ()
    places = board_places(found, current_data(found.benchmark.name))
    behind = members_of(found.benchmark, found.benchmark.columns[0].domain)
    return tuple(_table(number, place, found) for number, place in enumerate(places) if place.domain in behind)


def board_places(found: Board, data: BenchmarkData | None) -> list[Place]:
    """All places where entries of the board have figures of groups."""
    figures = [row.entry.figures for row in found.rows]
    present = {domain for of in figures for _, domain in of}
    places = places_of(found.benchmark, data.groups if data else [], figures)
    return [place for place in places if any(group.key in present for group in place.groups)]


def _table(number: int, place: Place, found: Board) -> GroupTable:
    benchmark, metric = found.benchmark, metrics_of(found.benchmark, place)[0]
    rows = [row for row in found.rows if any((metric.name, g.key) in row.entry.figures for g in place.groups)]
    shown = selected(place.groups, [row.entry.figures for row in rows], metric)
    return GroupTable(
        key=f"groups-{number}",
        place=place,
        metric=metric.title,
        shown=shown,
        rows=tuple(
            GroupRow(line=line_of(row, benchmark), cells=cells_of(shown.groups, row.entry.figures, metric, benchmark))
            for row in rows[:MOST_ROWS]
        ),
        more_rows=max(0, len(rows) - MOST_ROWS),
        per_cent=metric.unit == "%",
    )


def file_address(wanted: Asked) -> str:
    """Where the file of the same board is."""
    return wanted.file("board-groups")


def as_csv(found: Board) -> str:
    """Every figure of every group of the board's entries, one a line; of an empty group the value is empty."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEAD)
    places = board_places(found, current_data(found.benchmark.name))
    writer.writerows(
        [safe(value) for value in line] for row in found.rows for line in _lines(row, places, found.benchmark)
    )
    return file.getvalue()


def _lines(row: Row, places: Sequence[Place], benchmark: Benchmark) -> Iterator[list[Any]]:
    submission = row.entry.submission
    who = [
        row.rank or "",
        submission.display_name,
        shown_author(submission),
        shown_team(submission),
        str(submission.pk),
    ]
    for place in places:
        for group in place.groups:
            for metric in metrics_of(benchmark, place):
                figure = row.entry.figures.get((metric.name, group.key))
                of = [place.domain, group.title, metric.name]
                examples = "" if group.count is None else group.count
                if figure is None:
                    yield [*who, *of, *([""] * (3 + len(BESIDES))), examples]
                else:
                    errors = (figure.stderr, *named_spreads(figure, benchmark.plan.spread).values())
                    yield [*who, *of, figure.value, *map(known, errors), known(figure.n), examples]
