"""Scores as tables on the terminal."""

from collections.abc import Iterable, Sequence

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.evaluate import CurvePoint
from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.means import spread_of, spread_words

GAP = "  "


def scores_table(benchmark: Benchmark, scores: tuple[Figure, ...]) -> str:
    """The board's columns, one a line."""
    return partial_table(benchmark, scores)


def partial_table(benchmark: Benchmark, figures: Iterable[Figure]) -> str:
    """The board's columns, one a line, with "-" for what is not known yet."""
    by_key = {figure.key: figure for figure in figures}
    width = max(len(column.title) for column in benchmark.columns)
    lines = "".join(
        f"{column.title:<{width}}  {_figure(benchmark, by_key.get((column.metric, column.domain)))}\n"
        for column in benchmark.columns
    )
    words = spread_words(benchmark.plan.spread, max((figure.trials for figure in by_key.values()), default=0))
    return f"{lines}± is {words}\n" if words else lines


def _figure(benchmark: Benchmark, figure: Figure | None) -> str:
    if figure is None:
        return f"{'-':>6}"
    scale = _scale(benchmark, figure.metric)
    spread = spread_of(figure, benchmark.plan.spread)
    error = "" if spread is None else f" ± {spread * scale:.1f}"
    return f"{figure.value * scale:6.1f}{error}"


def curve_table(benchmark: Benchmark, curve: Sequence[CurvePoint]) -> str:
    """A line for each point of a method's curve, with the board's columns side by side; empty without a curve."""
    if not curve:
        return ""
    titles = ["Curve at", *(column.title for column in benchmark.columns)]
    lines = ["", GAP.join(titles)]
    for point in curve:
        cells = zip(_cells(benchmark, point), titles, strict=True)
        lines.append(GAP.join(f"{cell:>{len(title)}}" for cell, title in cells))
    return "\n".join(lines) + "\n"


def _cells(benchmark: Benchmark, point: CurvePoint) -> list[str]:
    values = {(s.metric, s.domain): s.value for s in point.scores}
    shown = (values[c.metric, c.domain] * _scale(benchmark, c.metric) for c in benchmark.columns)
    return [f"{point.point:g}", *(f"{value:.1f}" for value in shown)]


def _scale(benchmark: Benchmark, metric: str) -> int:
    return 100 if benchmark.metric(metric).unit == "%" else 1
