"""Detection accuracy on a validation set, by which an epoch is kept: WILDS' for GlobalWheat.

TP / (TP + FP + FN) of each image, over detections with a score above 0.5: each is of the object that it overlaps most,
if by an IoU of at least 0.5, and all but one of an object are false. Classes do not count, as GlobalWheat has one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import AnnotatedSet, Detections

Floats = npt.NDArray[np.float64]
Detect = Callable[[Sequence[npt.NDArray[np.uint8]]], Sequence[Detections]]
LEAST_SCORE, LEAST_OVERLAP = 0.5, 0.5


def figure(name: str, detect: Detect, scenes: AnnotatedSet) -> float:
    """One of `SELECTIONS` over these images: their mean, the mean over domains' means, or the lowest of these.

    Raises KeyError for another name.
    """
    values = np.array([image_accuracy(detect([scene.image])[0], scene.boxes) for scene in scenes])
    means = [values[scenes.domains == number].mean() for number in np.unique(scenes.domains)]
    summary: Mapping[str, Callable[[], Any]] = {
        "average": values.mean,
        "domain-mean": lambda: np.mean(means),
        "worst-domain": lambda: min(means),
    }
    return float(summary[name]())


def image_accuracy(said: Detections, boxes: npt.NDArray[np.floating[Any]]) -> float:
    """The accuracy of one image with these objects [G, 4]; 1 where there is none and none is detected."""
    sure = np.asarray(said.boxes, np.float64).reshape(-1, 4)[np.asarray(said.scores) > LEAST_SCORE]
    objects = np.asarray(boxes, np.float64).reshape(-1, 4)
    if not len(sure) or not len(objects):
        return float(len(sure) == len(objects))
    shares = _overlaps(sure, objects)
    hits = len(np.unique(shares.argmax(axis=1)[shares.max(axis=1) >= LEAST_OVERLAP]))
    return hits / (len(sure) + len(objects) - hits)


def _overlaps(first: Floats, second: Floats) -> Floats:
    """IoU [D, G] of boxes x1, y1, x2, y2."""
    corner, opposite = np.maximum(first[:, None, :2], second[:, :2]), np.minimum(first[:, None, 2:], second[:, 2:])
    shared = np.prod(np.clip(opposite - corner, 0, None), axis=2)
    whole = np.prod(first[:, 2:] - first[:, :2], axis=1)[:, None] + np.prod(second[:, 2:] - second[:, :2], axis=1)
    return np.asarray(shared / np.maximum(whole - shared, np.finfo(np.float64).tiny))
