"""Scorers of predicted classes: accuracy, and F1 and recall as means over the classes that a split has.

WILDS takes predicted classes, and a run of a method gives logits: both are looked at as the class that was predicted.
"""

from collections.abc import Callable, Mapping

import numpy as np

from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.metrics.catalog import ACCURACY
from farfield_evaluators.scoring.classification import LOGITS, share_of
from farfield_evaluators.scoring.scorer import each
from farfield_evaluators.scoring.test import Array, Ints, Outcome, Test

PREDICTED = "predicted"
MACRO_F1 = Metric(
    name="macro-f1",
    title="Macro F1",
    higher_is_better=True,
    description="Mean F1 score over the classes that have examples in the split; WILDS' F1-macro_all.",
)
MACRO_RECALL = Metric(
    name="macro-recall",
    title="Macro recall",
    higher_is_better=True,
    description="Mean recall over the classes that have examples in the split; WILDS' recall-macro_all.",
)


def _predicted(test: Test) -> Mapping[str, Array]:
    return {PREDICTED: predicted_classes(test)}


def predicted_classes(test: Test) -> Ints:
    """The class [N] that is predicted of each example: as it was told, or the first of the highest logits [N, C]."""
    try:
        told = test.outputs[PREDICTED]
    except KeyError:
        return np.asarray(test.outputs[LOGITS].argmax(axis=1), np.int64)
    return np.asarray(told, np.int64)


CLASS = Outcome(columns=(PREDICTED,), of=_predicted)


def macro_recall(predicted: Ints, labels: Ints) -> float:
    """Mean over the classes in `labels` [N] of the share of their examples that are predicted [N] as such.

    >>> macro_recall(np.array([0, 0, 1]), np.array([0, 1, 1]))
    0.75
    """
    right, shown, _ = _counts(predicted, labels)
    return float(np.mean(right / shown))


def macro_f1(predicted: Ints, labels: Ints) -> float:
    """Mean F1 over the classes in `labels` [N]; a class that is only predicted [N] has none, and costs precision.

    As scikit-learn's f1_score(labels, predicted, average="macro", labels=unique(labels)).

    >>> macro_f1(np.array([0, 0, 7]), np.array([0, 1, 1]))
    0.3333333333333333
    """
    right, shown, said = _counts(predicted, labels)
    return float(np.mean(2 * right / (shown + said)))


def _counts(predicted: Ints, labels: Ints) -> tuple[Ints, Ints, Ints]:
    """Of each class in `labels`: how many examples are right, are of it, and are predicted as it."""
    classes, places, shown = np.unique(labels, return_inverse=True, return_counts=True)
    right = np.bincount(places[predicted == labels], minlength=len(classes))
    where = np.clip(np.searchsorted(classes, predicted), 0, len(classes) - 1)
    said = np.bincount(where[classes[where] == predicted], minlength=len(classes))
    return right, shown, said


def _accuracy(test: Test) -> Estimate | None:
    return share_of(test.outcome(CLASS)[PREDICTED] == test.labels) if len(test) else None


def _macro(of: Callable[[Ints, Ints], float]) -> Callable[[Test], Estimate | None]:
    def estimate(test: Test) -> Estimate | None:
        """None without examples. The error is not known in closed form."""
        value = of(test.outcome(CLASS)[PREDICTED], test.labels) if len(test) else None
        return None if value is None else Estimate(value=value, stderr=None)

    return estimate


CLASS_ACCURACY = each(ACCURACY, _accuracy, CLASS)
F1 = each(MACRO_F1, _macro(macro_f1), CLASS)
RECALL = each(MACRO_RECALL, _macro(macro_recall), CLASS)
