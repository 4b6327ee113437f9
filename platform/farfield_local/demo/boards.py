"""The boards as tables in the terminal, and what is missing from them."""

from typing import Any

from rich.console import Console
from rich.table import Table

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_local.demo.entries import Entry

Json = dict[str, Any]
FIXED_WIDTH = 46  # rank, method and the headline with its error
COLUMN_WIDTH = 13
NONE = "-"


def print_board(console: Console, board: Json) -> None:
    """As many columns as the terminal has room for; the page of the board has all."""
    benchmark = find(board["benchmark"])
    columns = board["columns"][: _room(console.width)]
    console.print(_table(benchmark, board, columns))
    more = len(board["columns"]) - len(columns)
    beyond = f" {more} more column{' is' if more == 1 else 's are'} on its page." if more else ""
    both = " and the examples" if benchmark.plan.stochastic else ""
    console.print(
        f"± is one standard error over the test examples, or over trials{both} where there are several.{beyond}\n",
        style="dim",
        highlight=False,
    )


def unpublished(entries: dict[str, Entry], boards: list[Json]) -> list[str]:
    """Why a submission has no rank on its board, a sentence each."""
    rows = {row["submission"]: row for board in boards for row in (*board["rows"], *board["apart"])}
    ranked = {row["submission"] for board in boards for row in board["rows"] if row["rank"] is not None}
    return [
        f"{entry}: not ranked: {rows[number]['reason'] if number in rows else 'it is not on the board'}"
        for number, entry in entries.items()
        if number not in ranked
    ]


def _table(benchmark: Benchmark, board: Json, columns: list[Json]) -> Table:
    words = [
        board["benchmark"],
        f"version {board['version']}",
        *([f"tier {board['tier']}"] if board.get("tier") else []),
    ]
    table = Table(title=f"{benchmark.title} ({', '.join(words)})", title_justify="left")
    table.add_column("#", justify="right")
    table.add_column("Method", no_wrap=True)
    for column in columns:
        table.add_column(_heading(benchmark, column), justify="right")
    for row in board["rows"]:
        rank = NONE if row["rank"] is None else str(row["rank"])
        figures = [
            _figure(benchmark, c, f, i == 0) for i, (c, f) in enumerate(zip(columns, row["figures"], strict=False))
        ]
        table.add_row(rank, row["method"], *figures)
    return table


def _heading(benchmark: Benchmark, column: Json) -> str:
    arrow = "↑" if benchmark.metric(column["metric"]).higher_is_better else "↓"
    return f"{column['title']} {arrow}"


def _figure(benchmark: Benchmark, column: Json, figure: Json | None, with_error: bool) -> str:
    if figure is None:
        return NONE
    scale = 100 if benchmark.metric(column["metric"]).unit == "%" else 1
    error = figure["stderr"]
    return f"{figure['value'] * scale:.1f}" + (f" ± {error * scale:.1f}" if with_error and error is not None else "")


def _room(width: int) -> int:
    return 1 + max(1, (width - FIXED_WIDTH) // COLUMN_WIDTH)
