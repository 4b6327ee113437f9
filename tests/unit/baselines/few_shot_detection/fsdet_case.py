"""Inputs on which TFA's last layers and ours are compared: made by numpy's `RandomState`, which never changes.

Classes are numbered over all of them; the reference has the background last, and ours has it first.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

WIDTH, ROWS = 8, 6
BASE, NOVEL = (0, 2, 3), (1, 4)
ALL = tuple(sorted((*BASE, *NOVEL)))
LR, STEPS = 0.1, 3
Floats = npt.NDArray[np.float32]
Tensors = Mapping[str, Floats]


def features() -> Floats:
    return np.maximum(_drawn(0, ROWS, WIDTH), 0)  # as after a ReLU


def labels(classes: int) -> list[int]:
    """Of the rows, the background, which is the last, among them."""
    return [row % (classes + 1) for row in range(ROWS)]


def last_layers(classes: int, seed: int, *, biased: bool) -> Tensors:
    """By the names that both have; the row of the background last."""
    layers = {
        "cls_score.weight": _drawn(seed, classes + 1, WIDTH),
        "bbox_pred.weight": _drawn(seed + 1, 4 * classes, WIDTH),
        "bbox_pred.bias": _drawn(seed + 2, 4 * classes),
    }
    return {**layers, "cls_score.bias": _drawn(seed + 3, classes + 1)} if biased else layers


def _drawn(seed: int, *shape: int) -> Floats:
    return np.random.RandomState(seed).standard_normal(shape).astype(np.float32)
