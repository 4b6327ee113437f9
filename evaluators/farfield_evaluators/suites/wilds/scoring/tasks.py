"""MolPCBA's scorer: average precision as a mean over tasks, each with the molecules that it has a label of.

As OGB's evaluator of ogbg-molpcba: a task counts where both classes occur among its labels, and its average precision
is the step-wise area under precision over recall (scikit-learn's average_precision_score, no interpolation).
"""

import numpy as np
import numpy.typing as npt

from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.scoring.scorer import each
from farfield_evaluators.scoring.test import Test

Floats = npt.NDArray[np.float64]
TASKS, VALUES = "tasks", "values"
MEAN_AP = Metric(
    name="task-average-precision",
    title="Average precision",
    higher_is_better=True,
    description="Mean over the tasks that have both classes of the average precision of each; WILDS' ap.",
)


def average_precision(scores: Floats, positive: npt.NDArray[np.bool_]) -> float:
    """Area under the steps of precision over recall of scores [N]; at least one example is positive [N].

    Equal scores are one step: their order says nothing.

    >>> average_precision(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]))
    0.8333333333333333
    """
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.cumsum(positive[order])[ends]
    return float(np.sum(np.diff(hits, prepend=0) * hits / (ends + 1)) / hits[-1])


def mean_average_precision(scores: Floats, labels: Floats) -> float | None:
    """Mean over tasks of scores [N, T] against labels [N, T] of 0, 1, and NaN or less than 0 for none.

    None where no task has both classes.
    """
    every = [_of_task(scores[:, task], labels[:, task]) for task in range(labels.shape[1])]
    defined = [value for value in every if value is not None]
    return float(np.mean(defined)) if defined else None


def _of_task(scores: Floats, labels: Floats) -> float | None:
    known = labels >= 0  # neither NaN nor a mark for none is
    positive = labels[known] == 1
    if not positive.any() or positive.all():
        return None
    return average_precision(scores[known], positive)


def _mean(test: Test) -> Estimate | None:
    labels = test.targets[TASKS].reshape(len(test), -1) if len(test) else np.zeros((0, 0))
    value = mean_average_precision(test.outputs[VALUES].astype(np.float64), labels.astype(np.float64))
    return None if value is None else Estimate(value=value, stderr=None)


TASK_PRECISION = each(MEAN_AP, _mean)
