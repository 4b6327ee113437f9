"""The figures of an episodic benchmark: means over episodes, and so are their errors.

Of open episodes the accuracy is that on queries of an episode's classes, whatever their scores; the AUROC is that of
telling them from the others by the scores, in each episode alone.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.metrics.catalog import ACCURACY, AUROC
from farfield_evaluators.metrics.classification import correct
from farfield_evaluators.metrics.detection import auroc
from farfield_evaluators.scoring.classification import LOGITS
from farfield_evaluators.scoring.scorer import Wanted, each, figure_of
from farfield_evaluators.scoring.test import Array, Outcome, Test

EPISODE, KNOWN, SCORE = "episode", "known", "score"
SCORES = "scores"


def _answers(test: Test) -> Mapping[str, Array]:
    return {"hit": correct(test.outputs[LOGITS], test.labels), EPISODE: test.targets[EPISODE]}


def _open_answers(test: Test) -> Mapping[str, Array]:
    said = {"hit": correct(test.outputs[LOGITS], test.labels), SCORE: np.asarray(test.outputs[SCORES], np.float64)}
    return {**said, KNOWN: test.labels >= 0, EPISODE: test.targets[EPISODE]}


ANSWERS = Outcome(columns=("hit", EPISODE), of=_answers)
OPEN_ANSWERS = Outcome(columns=("hit", SCORE, KNOWN, EPISODE), of=_open_answers)


def _over(figures: Sequence[float] | Array) -> Estimate:
    """The mean of the episodes' figures, with its standard error (ddof 1)."""
    several = len(figures) > 1
    error = float(np.std(figures, ddof=1)) / math.sqrt(len(figures)) if several else None
    return Estimate(value=float(np.mean(figures)), stderr=error)


def _accuracies(hits: Array, episodes: Array) -> Array:
    _, numbers = np.unique(episodes, return_inverse=True)
    accuracies: Array = np.bincount(numbers, weights=hits) / np.bincount(numbers)
    return accuracies


def _accuracy(test: Test) -> Estimate:
    """Every episode has as many queries."""
    said = test.outcome(ANSWERS)
    return _over(_accuracies(said["hit"], said[EPISODE]))


def _auroc(test: Test) -> Estimate:
    said = test.outcome(OPEN_ANSWERS)
    known, scores = said[KNOWN].astype(bool), said[SCORE]
    of_each = [said[EPISODE] == number for number in np.unique(said[EPISODE])]
    return _over([auroc(scores[inside & known], scores[inside & ~known]) for inside in of_each])


@dataclass(frozen=True, kw_only=True)
class KnownAccuracy:
    """The accuracy on the known queries of open episodes, which alone it counts as its examples."""

    metric: Metric = ACCURACY

    @property
    def gives(self) -> tuple[Metric, ...]:
        return (self.metric,)

    def needs(self, test: Test) -> Iterable[Outcome]:
        return (OPEN_ANSWERS,)

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        known = [test.part(test.outcome(OPEN_ANSWERS)[KNOWN].astype(bool)) for test in tests]
        yield from wanted.of(self.metric, [figure_of(self.metric, test, self._of(test)) for test in known], tests)

    def _of(self, test: Test) -> Estimate:
        said = test.outcome(OPEN_ANSWERS)
        return _over(_accuracies(said["hit"], said[EPISODE]))


EPISODE_ACCURACY = each(ACCURACY, _accuracy, ANSWERS)
KNOWN_ACCURACY = KnownAccuracy()
EPISODE_AUROC = each(AUROC, _auroc, OPEN_ANSWERS)
