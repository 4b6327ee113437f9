"""Nearest class mean on frozen embeddings (Mensink et al. 2013; Snell et al. 2017, arXiv 1703.05175)."""

from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import NoConfig, RunContext, TrainingSet
from farfield.numerics import Floats, unit
from farfield_baselines.clip_methods import ModelConfig
from farfield_baselines.embeddings import Embed, declare, embedder


class ClassMeans:
    """Cosine between an embedding and the mean of each class's training embeddings, all of unit length.

    A class without training images gets the lowest cosine there is, -1.
    """

    def __init__(self, embed: Embed, classes: int) -> None:
        self._embed, self._classes = embed, classes
        self._sums: Floats | None = None

    def fit(self, train: TrainingSet) -> None:
        for batch in train.batches(256):
            rows = unit(self._embed(batch.inputs))
            if self._sums is None:
                self._sums = np.zeros((self._classes, rows.shape[1]))
            np.add.at(self._sums, batch.labels, rows)

    def predict(self, inputs: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Embeddings [B, D] or uint8 [B, H, W, 3] -> cosines [B, C]. Raises ValueError before `fit`."""
        if self._sums is None:
            raise ValueError("class means need a benchmark with a training split; this one has none")
        cosines = unit(self._embed(inputs)) @ unit(self._sums).T
        return np.where(self._sums.any(axis=1), cosines, -1.0)


def nearest_class_mean(context: RunContext) -> ClassMeans:
    """That of a benchmark's classes."""
    return ClassMeans(embedder(context), context.class_count)


SPEC = declare(
    "ncm",
    nearest_class_mean,
    "Nearest class mean by cosine",
    ("Mensink et al. 2013, TPAMI 35(11)", "Snell et al. 2017, arXiv 1703.05175"),
    {"lite0": NoConfig, "mini-clip": NoConfig, "clip": ModelConfig},
    memory_gib=0.5,
)
