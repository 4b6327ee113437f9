"""Scores as tables on the terminal."""

from collections.abc import Sequence

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.evaluate import CurvePoint
from farfield_evaluators.figure import Figure

GAP = "  "


def scores_table(benchmark: Benchmark, scores: tuple[Figure, ...]) -> str:
    """The board's columns, one a line."""
    by_column = {(s.metric, s.domain): s for s in scores}
    width = max(len(c.title) for c in benchmark.columns)
    lines = []
    for column in benchmark.columns:
        score, scale = by_column[column.metric, column.domain], _scale(benchmark, column.metric)
        error = "" if score.stderr is None else f" ± {score.stderr * scale:.1f}"
        lines.append(f"{column.title:<{width}}  {score.value * scale:6.1f}{error}\n")
    return "".join(lines)


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
