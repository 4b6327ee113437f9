"""Deep nearest neighbours (Sun et al. 2022, arXiv 2204.06507, section 3)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import MethodSpec, Resources, RunContext, TaskFamily, TrainingSet, setting
from farfield_baselines.backbones import LITE0_CLAIMS, LITE0_FEATURES, LITE0_PAPER
from farfield_baselines.imagenet import ImageNetHead
from farfield_baselines.numerics import unit


@dataclass(frozen=True, kw_only=True)
class Config:
    """Which neighbour."""

    k: int = setting(3, ge=1, le=1000, help="Which neighbour's distance counts; at most the number of training images.")


class KNN:
    """Minus the distance to the K-th nearest training feature, all features of unit length.

    The logits are the ImageNet head's: the detector leaves the classification as it is.
    """

    def __init__(self, context: RunContext) -> None:
        self._k: int = context.config.k
        self._head = ImageNetHead(context)

    def fit(self, train: TrainingSet) -> None:
        self._bank = np.concatenate([unit(batch.inputs) for batch in train.batches(256)])

    def score(self, features: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]:
        """float32 [B, 1280] -> (score [B] in [-2, 0], logits [B, C])."""
        squared = np.maximum(2.0 - 2.0 * (unit(features) @ self._bank.T), 0.0)
        place = min(self._k, len(self._bank)) - 1
        return -np.sqrt(np.partition(squared, place, axis=1)[:, place]), self._head(features)


SPEC = MethodSpec(
    name="lite0-knn",
    family=TaskFamily.OOD_DETECTION,
    summary="Distance to the K-th nearest training image, on frozen EfficientNet-Lite0 features.",
    build=KNN,
    inputs=LITE0_FEATURES,
    claims=LITE0_CLAIMS,
    config=Config,
    resources=Resources(memory_gib=1.0, minutes=10.0),
    batch_size=256,
    papers=("Sun et al. 2022, arXiv 2204.06507", LITE0_PAPER),
    licence="Apache-2.0",
)
