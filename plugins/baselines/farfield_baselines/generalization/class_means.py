"""The trivial domain generaliser: running class means of coarse colours, all domains pooled."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import Batch, Images, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims

SIDE = 32
CELLS = 4


class ClassMeans:
    """Each class is the mean of the training images seen so far, at CELLS x CELLS pixels."""

    def __init__(self, context: RunContext) -> None:
        self._sums = np.zeros((context.class_count, CELLS * CELLS * 3))
        self._counts = np.zeros(context.class_count)

    def update(self, minibatches: Sequence[Batch], unlabeled: Sequence[Any] | None = None) -> dict[str, float]:
        """Take the minibatches in; the loss is the mean squared distance of their images to their class's mean."""
        inputs = np.concatenate([coarse(batch.inputs) for batch in minibatches])
        labels = np.concatenate([batch.labels for batch in minibatches])
        np.add.at(self._sums, labels, inputs)
        np.add.at(self._counts, labels, 1)
        return {"squared_distance": float(((inputs - self._means()[labels]) ** 2).sum(axis=1).mean())}

    def predict(self, images: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """uint8 [B, 32, 32, 3] -> minus the squared distances to the class means, [B, C]."""
        return -np.asarray(((coarse(images)[:, None] - self._means()) ** 2).sum(axis=2))

    def _means(self) -> npt.NDArray[np.float64]:
        return self._sums / np.maximum(self._counts, 1)[:, None]


def coarse(images: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """uint8 [B, 32, 32, 3] -> mean colours of CELLS x CELLS cells in 0..1, [B, CELLS * CELLS * 3]."""
    step = SIDE // CELLS
    cells = images.reshape(len(images), CELLS, step, CELLS, step, 3).mean(axis=(2, 4))
    return np.asarray(cells.reshape(len(images), -1) / 255.0)


SPEC = MethodSpec(
    name="dg-class-means",
    family=TaskFamily.DOMAIN_GENERALIZATION,
    summary="Running class means of coarse colours, all training domains pooled.",
    build=ClassMeans,
    inputs=Images(size=SIDE),
    claims=TrackClaims(backbone="none"),
    resources=Resources(memory_gib=0.5, minutes=5.0),
    licence="Apache-2.0",
)
