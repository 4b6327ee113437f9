"""The figures of an episodic benchmark: means over episodes, and so are their errors.

Of open episodes the accuracy is that on queries of an episode's classes, whatever their scores; the AUROC is that of
telling them from the others by the scores, in each episode alone.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.metrics.catalog import ACCURACY, AUROC
from farfield_evaluators.metrics.classification import correct
from farfield_evaluators.metrics.detection import auroc
from farfield_evaluators.scoring.classification import LOGITS
from farfield_evaluators.scoring.scorer import each
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


def _known_accuracy(test: Test) -> Estimate:
    said = test.outcome(OPEN_ANSWERS)
    known = said[KNOWN].astype(bool)
    return _over(_accuracies(said["hit"][known], said[EPISODE][known]))


def _auroc(test: Test) -> Estimate:
    said = test.outcome(OPEN_ANSWERS)
    known, scores = said[KNOWN].astype(bool), said[SCORE]
    of_each = [said[EPISODE] == number for number in np.unique(said[EPISODE])]
    return _over([auroc(scores[inside & known], scores[inside & ~known]) for inside in of_each])


EPISODE_ACCURACY = each(ACCURACY, _accuracy, ANSWERS)
KNOWN_ACCURACY = each(ACCURACY, _known_accuracy, OPEN_ANSWERS)
EPISODE_AUROC = each(AUROC, _auroc, OPEN_ANSWERS)
