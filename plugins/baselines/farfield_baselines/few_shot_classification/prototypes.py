"""The nearest class mean of an episode's support, on a frozen backbone: the floor of few-shot classification.

Snell et al. 2017, arXiv 1703.05175, without their training, and by the cosine.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import NoConfig, RunContext, TaskFamily, TrainingSet
from farfield_baselines.classification.ncm import ClassMeans
from farfield_baselines.clip_methods import ModelConfig
from farfield_baselines.embeddings import declare, embedder


class Prototypes:
    """Class means anew in each episode; nothing is learned before."""

    def __init__(self, context: RunContext) -> None:
        self._embed = embedder(context)
        self._means: ClassMeans | None = None

    def fit_novel(self, support: TrainingSet) -> None:
        self._means = ClassMeans(self._embed, int(support.labels.max()) + 1)
        self._means.fit(support)

    def predict(self, inputs: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Embeddings [B, D] or uint8 [B, H, W, 3] -> cosines [B, W]. Raises ValueError before `fit_novel`."""
        if self._means is None:
            raise ValueError("class means are of an episode; call `fit_novel` first")
        return self._means.predict(inputs)

    def score(self, inputs: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The cosine to the nearest mean [B], and all of them [B, W]. Raises ValueError before `fit_novel`."""
        cosines = self.predict(inputs)
        return cosines.max(axis=1), cosines


SPEC = declare(
    "fsc-prototypes",
    Prototypes,
    "Nearest class mean of each episode by cosine",
    ("Snell et al. 2017, arXiv 1703.05175",),
    {"lite0": NoConfig, "mini-clip": NoConfig, "clip": ModelConfig},
    memory_gib=0.5,
    learns=False,
    family=TaskFamily.FEW_SHOT_CLASSIFICATION,
)
