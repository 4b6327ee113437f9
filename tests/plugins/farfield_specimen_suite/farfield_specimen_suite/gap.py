"""A metric of one's own: how far apart the scores of known and of other images are, in shares of their spread."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.scoring.detection import SCORE
from farfield_evaluators.scoring.scorer import Wanted, figure_of
from farfield_evaluators.scoring.test import Outcome, Test

GAP = Metric(
    name="gap",
    title="Gap",
    higher_is_better=True,
    description="Mean score of known images less that of the others, over the standard deviation of all of them.",
    unit="",
)


@dataclass(frozen=True)
class MeanGap:
    """The gap between the known images and each set of others."""

    gives = (GAP,)

    def needs(self, test: Test) -> Iterable[Outcome]:
        return (SCORE,)

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        scores = {test.domain: test.outcome(SCORE)["score"] for test in tests}
        known = np.concatenate([scores[test.domain] for test in tests if test.role == "id"])
        others = [test for test in tests if test.role != "id"]
        gaps = [(test, _gap(known, scores[test.domain])) for test in others]
        figures = [figure_of(GAP, test, Estimate(value=gap, stderr=None)) for test, gap in gaps]
        yield from wanted.of(GAP, figures, others)


def _gap(known: np.ndarray, other: np.ndarray) -> float:
    spread = float(np.concatenate([known, other]).std())
    return float(known.mean() - other.mean()) / spread if spread else 0.0
