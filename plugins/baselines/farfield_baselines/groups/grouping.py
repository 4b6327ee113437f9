"""What a group is to a method: a training domain, or a domain and a class; and the settings that say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from farfield import TrainingSet, setting
from farfield_baselines.trained import sampling
from farfield_baselines.trained.config import LoopConfig, TrainConfig
from farfield_baselines.trained.core import Recipe, Setup, TensorBatch

if TYPE_CHECKING:
    import torch

Ints = npt.NDArray[np.int64]
KINDS = ("domain", "domain-label")
HELP = "What a group is: a training domain, or a domain and a class; where values are told always the domain."


@dataclass(frozen=True, kw_only=True)
class GroupConfig(TrainConfig):
    """What a group is."""

    group_by: str = setting("domain", choices=KINDS, help=HELP)


@dataclass(frozen=True, kw_only=True)
class LoaderConfig(LoopConfig):
    """What a group is, and how many different ones a batch has."""

    group_by: str = setting("domain", choices=KINDS, help=HELP)
    groups_per_batch: int = setting(2, ge=1, le=1024, help="Different groups of a batch, each with as many examples.")


@dataclass(frozen=True, kw_only=True)
class GroupLoaderConfig(LoaderConfig):
    """The same, with one learning rate for all."""

    lr: float = setting(1e-3, ge=0.0, le=10.0, help="Learning rate.")


class Grouped(Recipe):
    """ERM that knows the group of each training example: `groups` [N] in 0..`group_count`-1."""

    def __init__(self, setup: Setup) -> None:
        import torch

        super().__init__(setup)
        self.groups: Ints = np.unique(numbers(setup.train, self.config.group_by), return_inverse=True)[1]
        self.group_count = int(self.groups.max()) + 1
        self._on_device = torch.from_numpy(self.groups).to(setup.device)

    def groups_of(self, batch: TensorBatch) -> torch.Tensor:
        """The group of each example of a training batch, int64 [B]."""
        return self._on_device[batch.positions]

    def uniform(self, train: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        """An order in which each group is drawn as often: WILDS' standard loader, uniform over groups."""
        return sampling.weighted(sampling.even(self.groups), self.config.batch, rng)

    def loader(self, train: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        """An order of batches of some groups each: WILDS' group loader."""
        return sampling.by_group(self.groups, self.config.batch, self.config.groups_per_batch, rng)


def numbers(part: TrainingSet, kind: str) -> Ints:
    """The group of each example of a labeled split, [N]; numbers without examples may be left out.

    Values have no classes: there it is the domain, whatever is asked for.
    """
    if kind == "domain" or part.targets is not None:
        return part.domains
    return np.asarray(part.domains * (int(part.labels.max()) + 1) + part.labels)


def split(rows: torch.Tensor, groups: torch.Tensor) -> list[torch.Tensor]:
    """Rows [B, ...] apart by group, in the order of the groups' numbers, and of the batch inside each."""
    return [rows[groups == group] for group in sorted(set(groups.tolist()))]
