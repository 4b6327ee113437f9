"""Its scorer raises when it is asked which metrics it gives."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from farfield_broken_suite.base import benchmark
from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.scoring.scorer import Wanted
from farfield_evaluators.scoring.test import Outcome, Test
from farfield_evaluators.suite import Suite


@dataclass(frozen=True)
class Speechless:
    """Cannot say what it gives."""

    @property
    def gives(self) -> tuple[Metric, ...]:
        raise RuntimeError("the metrics are lost")

    def needs(self, test: Test) -> Iterable[Outcome]:
        return ()

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterable[Figure]:
        return ()


SUITE = Suite(name="scorer-raises", benchmarks=(benchmark("broken/speechless", scorers=(Speechless(),)),))
