"""The floor of every classification board: one answer for all images."""

from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import Images, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims, TrainingSet


class Constant:
    """Always the most frequent class of the training split; the first one of equals."""

    def __init__(self, context: RunContext) -> None:
        self._frequency = np.zeros(context.class_count, np.float32)

    def fit(self, train: TrainingSet) -> None:
        self._frequency[:] = np.bincount(train.labels, minlength=len(self._frequency)) / max(len(train), 1)

    def predict(self, images: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """The classes' training frequencies, for every image: float32 [B, C]."""
        return np.tile(self._frequency, (len(images), 1))


SPEC = MethodSpec(
    name="constant",
    family=TaskFamily.CLASSIFICATION,
    summary="The most frequent training class, whatever the image: the floor.",
    build=Constant,
    inputs=Images(size=8, interpolation="nearest", crop="squash"),
    claims=TrackClaims(backbone="none"),
    resources=Resources(memory_gib=0.5, minutes=5.0),
    batch_size=256,
    licence="Apache-2.0",
)
