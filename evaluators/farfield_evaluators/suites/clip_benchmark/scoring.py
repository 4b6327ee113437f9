"""CLIP_benchmark's figure of multi-label sets: the mean over classes of average precision."""

import numpy as np
import numpy.typing as npt

from farfield_evaluators.data.columns import ROWS
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.metrics.detection import aupr_in_classic
from farfield_evaluators.scoring.classification import LOGITS
from farfield_evaluators.scoring.scorer import each
from farfield_evaluators.scoring.test import Test

PRESENT = "present"
"""The column of a pack with the numbers of the classes that an image shows."""
MEAN_AP = Metric(
    name="mean-average-precision",
    title="mAP",
    higher_is_better=True,
    description="Mean over classes of average precision: the mean precision at the places of the images that show the "
    "class, in the order of its logit; a class that no image shows counts 0. CLIP_benchmark's mean_average_precision.",
)


def mean_average_precision(scores: npt.NDArray[np.floating], shown: npt.NDArray[np.bool_]) -> float:
    """Mean over classes of the average precision of scores [N, C], in 0..1, where an image shows a class or not [N, C].

    Images of equal scores are one step: their order says nothing.

    >>> mean_average_precision(np.array([[0.9], [0.8], [0.7]]), np.array([[True], [False], [True]]))
    0.8333333333333333
    """
    return float(np.mean([_of_class(scores[:, number], shown[:, number]) for number in range(shown.shape[1])]))


def _of_class(scores: npt.NDArray[np.floating], shown: npt.NDArray[np.bool_]) -> float:
    if shown.all() or not shown.any():
        return float(shown.any())
    return aupr_in_classic(scores[shown], scores[~shown])


def shown_classes(test: Test) -> npt.NDArray[np.bool_]:
    """Whether each image shows each class, [N, C]."""
    rows = np.repeat(np.arange(len(test)), test.targets[PRESENT + ROWS])
    shown = np.zeros((len(test), test.classes), bool)
    shown[rows, test.targets[PRESENT].reshape(-1)] = True
    return shown


def _mean(test: Test) -> Estimate:
    return Estimate(value=mean_average_precision(test.outputs[LOGITS], shown_classes(test)), stderr=None)


MEAN_AVERAGE_PRECISION = each(MEAN_AP, _mean)
