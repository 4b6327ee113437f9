"""Unlabeled examples beside the labeled ones: a batch whenever a step asks for one, without end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch

from farfield_baselines.trained.core import Ints, Order

if TYPE_CHECKING:
    from farfield import Batch, TrainingSet
    from farfield_baselines.trained.core import Recipe, TensorBatch

APART = 2  # what keeps this chance from that of the labeled batches


class Stream:
    """The batches of a set in epochs of an order, one after the other; their chance is the run's seed."""

    def __init__(self, recipe: Recipe, part: TrainingSet, order: Order) -> None:
        self._recipe, self._part, self._order = recipe, part, order
        self.generator = torch.Generator().manual_seed(recipe.setup.seed)
        self._positions = self._endless()

    def next(self) -> TensorBatch:
        """The next batch on the device, augmented and prepared; its labels are what the set has, -1."""
        positions, batch = self.drawn()
        return self._recipe.tensors(batch, positions, self.generator)

    def drawn(self) -> tuple[Ints, Batch]:
        """The next positions, and the examples there as the set has them."""
        positions = next(self._positions)
        return positions, self._part.take(positions)

    def _endless(self) -> Iterator[np.ndarray]:
        epoch = 0
        while True:
            rng = np.random.default_rng([self._recipe.setup.seed, APART, epoch])
            yield from self._order(self._part, epoch, rng)
            epoch += 1
