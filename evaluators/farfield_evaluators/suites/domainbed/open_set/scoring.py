"""Accuracy on known classes, on unknown ones, and the harmonic mean of both; the last class means "unknown"."""

import math
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.metrics.classification import correct
from farfield_evaluators.scoring.classification import LOGITS, share_of
from farfield_evaluators.scoring.scorer import Scorer, each
from farfield_evaluators.scoring.test import Array, Outcome, Test

KNOWN_ACCURACY = Metric(
    name="accuracy-known",
    title="Accuracy on known classes",
    higher_is_better=True,
    description="Share of the images of known classes that are recognised; one called unknown is not.",
)
OPEN_ACCURACY = Metric(
    name="accuracy-open",
    title="Accuracy on unknown classes",
    higher_is_better=True,
    description="Share of the images of unknown classes that are called unknown.",
)
H_SCORE = Metric(
    name="h-score",
    title="H",
    higher_is_better=True,
    description="Harmonic mean of the accuracies on known and on unknown classes.",
)


def _answers(test: Test) -> Mapping[str, Array]:
    return {"hit": correct(test.outputs[LOGITS], test.labels), "known": np.asarray(test.labels) < test.classes - 1}


ANSWERS = Outcome(columns=("hit", "known"), of=_answers)


def harmonic(first: Estimate, second: Estimate) -> Estimate:
    """The harmonic mean of two independent shares, with its error to first order; 0 where either is 0.

    >>> harmonic(Estimate(value=0.5, stderr=0.0), Estimate(value=1.0, stderr=0.0)).value
    0.6666666666666666
    """
    a, b = first.value, second.value
    if min(a, b) <= 0:
        return Estimate(value=0.0, stderr=None)
    slopes = (2 * b**2 / (a + b) ** 2, 2 * a**2 / (a + b) ** 2)
    error = math.hypot(slopes[0] * (first.stderr or 0.0), slopes[1] * (second.stderr or 0.0))
    return Estimate(value=2 * a * b / (a + b), stderr=error)


def _of(test: Test, *, known: bool) -> Estimate | None:
    """The share of hits among the images of known or of unknown classes; None where there are none."""
    said = test.outcome(ANSWERS)
    hits = said["hit"][said["known"] == known]
    return share_of(hits) if len(hits) else None


def _h(test: Test) -> Estimate | None:
    known, unknown = _of(test, known=True), _of(test, known=False)
    return None if known is None or unknown is None else harmonic(known, unknown)


def _scorer(metric: Metric, of: Callable[[Test], Estimate | None]) -> Scorer:
    return each(metric, of, ANSWERS)


SCORERS: tuple[Scorer, ...] = (
    _scorer(H_SCORE, _h),
    _scorer(KNOWN_ACCURACY, partial(_of, known=True)),
    _scorer(OPEN_ACCURACY, partial(_of, known=False)),
)
METRICS = (H_SCORE, KNOWN_ACCURACY, OPEN_ACCURACY)
