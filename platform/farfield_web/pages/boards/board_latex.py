"""A board as a LaTeX table, for booktabs: the best of a column in bold, a certain second rank underlined."""

from collections.abc import Iterator
from datetime import datetime

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.means import spread_of
from farfield_web.leaderboards.queries import Board, Row
from farfield_web.pages.templatetags.figures import shown, shown_error

_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{character: f"\\{character}" for character in "&%$#_{}"},
        "\N{PLUS-MINUS SIGN}": r"$\pm$",
    }
)


def as_latex(found: Board, address: str, now: datetime) -> str:
    """The ranked entries, in per cent where the board is, with ± as the board has it; a note says what it is of."""
    benchmark = found.benchmark
    ranked = [row for row in found.rows if row.rank is not None]
    best = [_best(benchmark, column, [row.figures[at] for row in ranked]) for at, column in enumerate(found.columns)]
    lines = [
        rf"% {address}",
        rf"\begin{{tabular}}{{rl{'r' * len(found.columns)}}}",
        r"\toprule",
        " & ".join(["", "Method", *(escaped(column.title) for column in found.columns)]) + r" \\",
        r"\midrule",
        *(" & ".join(_cells(found, row, best)) + r" \\" for row in ranked),
        r"\bottomrule",
        rf"\multicolumn{{{len(found.columns) + 2}}}{{l}}{{\footnotesize {_note(found, address, now)}}} \\",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text that stands in LaTeX as it is.

    >>> escaped("ERM_2 & 50%")
    'ERM\\\\_2 \\\\& 50\\\\%'
    """
    return text.translate(_SPECIAL)


def _best(benchmark: Benchmark, column: Column, figures: list[Figure | None]) -> float | None:
    values = [figure.value for figure in figures if figure is not None]
    better = max if benchmark.metric(column.metric).higher_is_better else min
    return better(values, default=None)


def _cells(found: Board, row: Row, best: list[float | None]) -> Iterator[str]:
    yield str(row.rank)
    yield escaped(row.entry.submission.display_name)
    for at, (column, figure) in enumerate(zip(found.columns, row.figures, strict=True)):
        text = _figure(found.benchmark, column, figure)
        if figure is not None and figure.value == best[at]:
            text = rf"\textbf{{{text}}}"
        elif at == found.ranked_by and row.place and row.place.low == row.place.high == 2:
            text = rf"\underline{{{text}}}"
        yield text


def _figure(benchmark: Benchmark, column: Column, figure: Figure | None) -> str:
    if figure is None:
        return "--"
    unit, spread = benchmark.metric(column.metric).unit, spread_of(figure, benchmark.plan.spread)
    error = shown_error(spread, unit)
    return escaped(f"{shown(figure.value, unit)}{f' ± {error}' if error else ''}")


def _note(found: Board, address: str, now: datetime) -> str:
    benchmark = found.benchmark
    about = f"{benchmark.name}, version {benchmark.version}, key {found.key or 'none'}"
    if found.tier:
        about += f", tier {found.tier}"
    return rf"{escaped(about)}, {now:%Y-%m-%d}, \url{{{address}}}"
