"""Batches of some groups each, with as many unlabeled examples after them where the benchmark has any."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from farfield import TrainingSet
from farfield_baselines.groups.grouping import Grouped, Ints
from farfield_baselines.trained import sampling
from farfield_baselines.trained.core import Setup, TensorBatch

if TYPE_CHECKING:
    import torch


class WithUnlabeled(Grouped):
    """What CORAL and DANN share: a labeled and an unlabeled batch go through the featurizer together.

    With unlabeled examples a group is a training domain, as they have no label.
    """

    def __init__(self, setup: Setup) -> None:
        from farfield_baselines.trained.unlabeled import Stream

        super().__init__(setup)
        part = setup.unlabeled
        self.stream = None if part is None else Stream(self, part, self.loader_of_unlabeled)

    def order(self, train: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        return self.loader(train, epoch, rng)

    def loader_of_unlabeled(self, part: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        """The group loader over the unlabeled examples, by their domains."""
        return sampling.by_group(part.domains, self.config.batch, self.config.groups_per_batch, rng)

    def with_unlabeled(self, batch: TensorBatch) -> tuple[torch.Tensor, torch.Tensor]:
        """(inputs, groups) of the labeled batch, and of an unlabeled one after it."""
        import torch

        if self.stream is None:
            return batch.inputs, self.groups_of(batch)
        other = self.stream.next()
        return torch.cat([batch.inputs, other.inputs]), torch.cat([batch.domains, other.domains])
