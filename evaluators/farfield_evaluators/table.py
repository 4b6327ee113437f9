"""Scores as a table on the terminal."""

from farfield import Benchmark
from farfield_evaluators.evaluate import Score


def print_scores(benchmark: Benchmark, scores: tuple[Score, ...]) -> None:
    """The board's columns, one a line."""
    by_column = {(s.metric, s.domain): s for s in scores}
    width = max(len(c.title) for c in benchmark.columns)
    for column in benchmark.columns:
        score = by_column[column.metric, column.domain]
        scale = 100 if benchmark.metric(column.metric).unit == "%" else 1
        error = "" if score.stderr is None else f" ± {score.stderr * scale:.1f}"
        print(f"{column.title:<{width}}  {score.value * scale:6.1f}{error}")
