"""Classes drawn as often as each other: RWY of Idrissi et al. 2022 (arXiv 2110.14503)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from farfield import TrainingSet
from farfield_baselines.groups.declare import method
from farfield_baselines.trained import sampling
from farfield_baselines.trained.core import Recipe
from farfield_baselines.trained.sampling import Ints

if TYPE_CHECKING:
    import numpy as np

BALANCING = "Idrissi et al. 2022, arXiv 2110.14503"


class ClassReweighting(Recipe):
    """ERM on examples that are drawn with replacement, each class as often."""

    def order(self, train: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        return sampling.weighted(sampling.even(train.labels), self.config.batch, rng)


SPEC = method("class-reweighting", ClassReweighting, "ERM with every class drawn as often", (BALANCING,))
