"""The accuracy of an episodic benchmark: a mean over episodes, and so is its error."""

import math
from collections.abc import Mapping

import numpy as np

from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.metrics.catalog import ACCURACY
from farfield_evaluators.metrics.classification import correct
from farfield_evaluators.scoring.classification import LOGITS
from farfield_evaluators.scoring.scorer import each
from farfield_evaluators.scoring.test import Array, Outcome, Test

EPISODE = "episode"


def _answers(test: Test) -> Mapping[str, Array]:
    return {"hit": correct(test.outputs[LOGITS], test.labels), EPISODE: test.targets[EPISODE]}


ANSWERS = Outcome(columns=("hit", EPISODE), of=_answers)


def _over_episodes(test: Test) -> Estimate:
    """The mean of the episodes' accuracies, with its standard error (ddof 1); every episode has as many queries."""
    said = test.outcome(ANSWERS)
    _, numbers = np.unique(said[EPISODE], return_inverse=True)
    accuracies = np.bincount(numbers, weights=said["hit"]) / np.bincount(numbers)
    several = len(accuracies) > 1
    error = float(accuracies.std(ddof=1)) / math.sqrt(len(accuracies)) if several else None
    return Estimate(value=float(accuracies.mean()), stderr=error)


EPISODE_ACCURACY = each(ACCURACY, _over_episodes, ANSWERS)
