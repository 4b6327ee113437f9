"""Its scorer raises when it is to score; until then there is nothing that anybody could see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from farfield_broken_suite.base import benchmark
from farfield_evaluators.figure import Figure
from farfield_evaluators.metrics.catalog import AUROC
from farfield_evaluators.scoring.scorer import Wanted
from farfield_evaluators.scoring.test import Outcome, Test
from farfield_evaluators.suite import Suite


@dataclass(frozen=True)
class Raising:
    """Says what it gives, and cannot give it."""

    gives = (AUROC,)

    def needs(self, test: Test) -> Iterable[Outcome]:
        return ()

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterable[Figure]:
        raise RuntimeError("the scores are lost")


SUITE = Suite(
    name="scorer-raises",
    benchmarks=(benchmark("broken/scorer-raises", metrics=(AUROC,), scorers=(Raising(),)),),
)
