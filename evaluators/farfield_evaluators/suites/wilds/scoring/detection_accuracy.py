"""GlobalWheat's scorer: how well the heads of wheat of an image are found, counted at one overlap and one score.

As WILDS' DetectionAccuracy: of the detections of an image those with a score above 0.5 count. Each goes to the object
that it overlaps most, if by an IoU of at least 0.5. Objects that are found are true positives; detections of nothing,
and further ones of an object that is found, are false positives; the image's accuracy is TP / (TP + FP + FN), and 1
where there is no object and no detection.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import Estimate, mean
from farfield_evaluators.scoring.scorer import each
from farfield_evaluators.scoring.test import Array, Outcome, Test

Boxes = npt.NDArray[np.float64]
LEAST_OVERLAP, LEAST_SCORE = 0.5, 0.5
COLUMN = "detection-accuracy"
METRIC = Metric(
    name="detection-accuracy",
    title="Detection accuracy",
    higher_is_better=True,
    description=(
        "Mean over images of TP / (TP + FP + FN) of boxes with a score above 0.5 at an IoU of at least 0.5; WILDS' "
        "detection_acc_avg."
    ),
)


def overlaps(objects: Boxes, detected: Boxes) -> Boxes:
    """IoU [G, D] of boxes [G, 4] with boxes [D, 4], each x1, y1, x2, y2; 0 of two that are empty.

    >>> overlaps(np.array([[0.0, 0.0, 2.0, 2.0]]), np.array([[0.0, 0.0, 2.0, 1.0], [5.0, 5.0, 6.0, 6.0]]))
    array([[0.5, 0. ]])
    """
    low = np.maximum(objects[:, None, :2], detected[None, :, :2])
    high = np.minimum(objects[:, None, 2:], detected[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    areas, others = ((boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (objects, detected))
    either = areas[:, None] + others[None, :] - shared
    shares: Boxes = np.divide(shared, either, out=np.zeros_like(shared), where=either > 0)
    return shares


def image_accuracy(objects: Boxes, detected: Boxes) -> float:
    """The accuracy of the detections [D, 4] that count of an image with these objects [G, 4]; x1, y1, x2, y2."""
    if not len(objects) or not len(detected):
        return float(len(objects) == len(detected))
    shares = overlaps(objects, detected)
    chosen = shares.argmax(axis=0)[shares.max(axis=0) >= LEAST_OVERLAP]
    found = len(np.unique(chosen))
    return found / (len(objects) + len(detected) - found)


def _of_images(test: Test) -> Mapping[str, Array]:
    """The accuracy of each image [N]."""
    sized = test.targets["boxes"].astype(np.float64)
    objects = np.concatenate([sized[:, :2], sized[:, :2] + sized[:, 2:]], axis=1)
    counted = test.outputs["scores"] > LEAST_SCORE
    right = _by_image(objects, test.targets["boxes-rows"])
    said = _by_image(test.outputs["boxes"].astype(np.float64), test.outputs["boxes-rows"])
    sure = _by_image(counted, test.outputs["boxes-rows"])
    values = [image_accuracy(o, d[s]) for o, d, s in zip(right, said, sure, strict=True)]
    return {COLUMN: np.array(values, np.float64)}


def _by_image(values: Array, rows: Array) -> list[Array]:
    return np.split(values, np.cumsum(rows)[:-1]) if len(rows) else []


ACCURACIES = Outcome(columns=(COLUMN,), of=_of_images)


def _mean(test: Test) -> Estimate | None:
    return mean(test.outcome(ACCURACIES)[COLUMN]) if len(test) else None


DETECTION_ACCURACY = each(METRIC, _mean, ACCURACIES)
