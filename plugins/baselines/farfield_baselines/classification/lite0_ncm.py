"""Nearest class mean on frozen features (Mensink et al. 2013; Snell et al. 2017, arXiv 1703.05175)."""

from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import MethodSpec, Resources, RunContext, TaskFamily, TrainingSet
from farfield_baselines.backbones import LITE0_CLAIMS, LITE0_FEATURES, LITE0_PAPER
from farfield_baselines.numerics import unit


class NearestClassMean:
    """Cosine between a feature and the mean of each class's training features, all of unit length.

    A class without training images gets the lowest cosine there is, -1.
    """

    def __init__(self, context: RunContext) -> None:
        self._sums = np.zeros((context.class_count, LITE0_FEATURES.dim))

    def fit(self, train: TrainingSet) -> None:
        for batch in train.batches(256):
            np.add.at(self._sums, batch.labels, unit(batch.inputs))

    def predict(self, features: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """float32 [B, 1280] -> cosines [B, C]."""
        cosines = unit(features) @ unit(self._sums).T
        return np.where(self._sums.any(axis=1), cosines, -1.0)


SPEC = MethodSpec(
    name="lite0-ncm",
    family=TaskFamily.CLASSIFICATION,
    summary="Nearest class mean by cosine, on frozen EfficientNet-Lite0 features.",
    build=NearestClassMean,
    inputs=LITE0_FEATURES,
    claims=LITE0_CLAIMS,
    resources=Resources(memory_gib=0.5, minutes=10.0),
    batch_size=256,
    papers=("Mensink et al. 2013, TPAMI 35(11)", "Snell et al. 2017, arXiv 1703.05175", LITE0_PAPER),
    licence="Apache-2.0",
)
