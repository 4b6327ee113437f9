"""The floor of every OOD detection board: one score for all images, so an AUROC of one half."""

from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import Images, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims
from farfield_baselines.classification.constant import Constant


class ConstantDetector(Constant):
    """Score 0 for every image; the most frequent training class."""

    def __init__(self, context: RunContext) -> None:
        super().__init__(context)

    def score(self, images: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]:
        """(zeros [B], training frequencies [B, C])."""
        return np.zeros(len(images)), self.predict(images)


SPEC = MethodSpec(
    name="constant-detector",
    family=TaskFamily.OOD_DETECTION,
    summary="The same score for every image: the floor.",
    build=ConstantDetector,
    inputs=Images(size=8, interpolation="nearest", crop="squash"),
    claims=TrackClaims(backbone="none"),
    resources=Resources(memory_gib=0.5, minutes=5.0),
    batch_size=256,
    licence="Apache-2.0",
)
