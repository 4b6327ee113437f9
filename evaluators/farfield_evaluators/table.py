"""Scores as tables on the terminal."""

from collections.abc import Sequence

from farfield import Benchmark
from farfield_evaluators.evaluate import CurvePoint, Score

GAP = "  "


def print_scores(benchmark: Benchmark, scores: tuple[Score, ...]) -> None:
    """The board's columns, one a line."""
    by_column = {(s.metric, s.domain): s for s in scores}
    width = max(len(c.title) for c in benchmark.columns)
    for column in benchmark.columns:
        score, scale = by_column[column.metric, column.domain], _scale(benchmark, column.metric)
        error = "" if score.stderr is None else f" ± {score.stderr * scale:.1f}"
        print(f"{column.title:<{width}}  {score.value * scale:6.1f}{error}")


def print_curve(benchmark: Benchmark, curve: Sequence[CurvePoint]) -> None:
    """A line for each point of a method's curve, with the board's columns side by side; nothing without a curve."""
    if not curve:
        return
    titles = ["Curve at", *(column.title for column in benchmark.columns)]
    print("\n" + GAP.join(titles))
    for point in curve:
        print(GAP.join(f"{cell:>{len(title)}}" for cell, title in zip(_cells(benchmark, point), titles, strict=True)))


def _cells(benchmark: Benchmark, point: CurvePoint) -> list[str]:
    values = {(s.metric, s.domain): s.value for s in point.scores}
    shown = (values[c.metric, c.domain] * _scale(benchmark, c.metric) for c in benchmark.columns)
    return [f"{point.point:g}", *(f"{value:.1f}" for value in shown)]


def _scale(benchmark: Benchmark, metric: str) -> int:
    return 100 if benchmark.metric(metric).unit == "%" else 1
