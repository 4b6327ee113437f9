"""What `make bench` found, as a table: on the terminal, and in docs/performance.md between its two marks."""

import statistics
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from bench.result import Result, result_of
from bench.rows import ROWS

BEGIN = "<!-- Made by `make bench` of bench/results.json. -->"
END = "<!-- Here ends what is made. -->"
HEAD = ("Row", "What", "Caches", "Ours", "Peer", "Times as good", "Goal", "Against")


def page(text: str, rows: Sequence[Any]) -> str:
    """The document with the tables anew."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    if not after:
        raise ValueError("the page has not both of its marks")
    return f"{before}{BEGIN}\n\n{markdown(rows)}\n\n{END}{after}"


def markdown(rows: Sequence[Any]) -> str:
    """A line for each result, and then when and where each row was measured."""
    results = [_line(HEAD), _line("---" for _ in HEAD)]
    for row in rows:
        results += [_line(cells(result_of(body))) for body in row["results"]]
        if row["failed"]:
            results.append(_line((str(row["row"]), f"**failed**: {row['failed']}", *("" for _ in HEAD[2:]))))
    when = ("Row", "Measured", "Commit", "Took", "Load before", "Load after", "Machine")
    places = [_line(when), _line("---" for _ in when), *(_line(_place(row)) for row in rows)]
    together = ["", f"Together they took {sum(row['seconds'] for row in rows):,} s."] if rows else []
    return "\n".join([*results, "", *places, *together, *_unmeasured({row["row"] for row in rows})])


def cells(result: Result) -> tuple[str, ...]:
    """Medians, the ratio with those of single pairs, and whether the goal holds."""
    goal = "" if result.goal is None else f"{result.goal:.3g}: {'holds' if result.met else '**missed**'}"
    return (
        str(result.row),
        result.name,
        result.state,
        _figure(result.ours, result.unit),
        _figure(result.peer, result.unit) if result.peer else "",
        _ratio(result),
        goal,
        f"{result.peer_name} {result.peer_version}".strip(),
    )


def plain(result: Result) -> str:
    """A line for the terminal."""
    number, name, state, ours, peer, ratio, goal, against = (text.replace("**", "") for text in cells(result))
    return f"{number} {name:<46} {state:<4} {ours:>15} {peer:>15}  {ratio:<22} {goal:<14} {against}".rstrip()


def _ratio(result: Result) -> str:
    if result.ratio is None:
        return ""
    spread = f" ({result.spread[0]:.3g} to {result.spread[1]:.3g})" if result.spread and len(result.ours) > 1 else ""
    return f"{result.ratio:.3g}{spread}"


def _figure(values: Sequence[float], unit: str) -> str:
    value = statistics.median(values)
    return f"{value:,.0f} {unit}" if value >= 1000 else f"{value:.3g} {unit}"


def _unmeasured(measured: Collection[int]) -> list[str]:
    """Rows that there are, and that nobody has measured since they came."""
    rows = [f"{row.number} ({row.title})" for row in ROWS if row.number not in measured]
    return ["", f"Not measured yet: {', '.join(rows)}."] if rows else []


def _place(row: Any) -> tuple[str, ...]:
    on = row["machine"]
    versions = f"Python {on['python']}, numpy {on['numpy']}, torch {on['torch']}"
    where = f"{on['cores']} cores {on['cpu']}, {on['memory_gib']} GiB, {versions}"
    loads = (str(row["load"]), str(row.get("load_after", "")))  # rows of before have no second one
    return (f"{row['row']} {row['title']}", row["date"], row["commit"], f"{row['seconds']} s", *loads, where)


def _line(columns: Iterable[str]) -> str:
    return f"| {' | '.join(columns)} |"
