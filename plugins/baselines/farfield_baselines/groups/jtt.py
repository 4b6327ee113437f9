"""Just train twice (Liu et al. 2021, arXiv 2107.09044): what a first, short training gets wrong counts more."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from farfield import TrainingSet, setting
from farfield_baselines.groups.declare import method
from farfield_baselines.trained import sampling
from farfield_baselines.trained.config import SELECT, SELECTIONS, TrainConfig
from farfield_baselines.trained.core import Recipe, Setup, Stage
from farfield_baselines.trained.sampling import Ints

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class JTTConfig(TrainConfig):
    """How long the first training is, and how much its errors count. The paper chooses both on validation."""

    first_epochs: int = setting(2, ge=1, le=1000, help="Epochs of the first training, which finds the errors.")
    upweight: int = setting(20, ge=1, le=1000, help="How often an epoch of the second training has each error.")
    select: str = setting("worst-group", choices=SELECTIONS, help=SELECT)


class JTT(Recipe):
    """A first training, its errors on the training split, and a second training from the same start.

    Groups are known to the selection on validation alone.
    """

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.start: dict[str, torch.Tensor] = copy.deepcopy(self.parts.state_dict())
        self.errors_found: Ints = np.zeros(0, np.int64)

    def stages(self) -> Sequence[Stage]:
        config: JTTConfig = self.config
        first = Stage(name="first training", epochs=config.first_epochs, select=False)
        return [first, Stage(name="second training", epochs=config.epochs, before=self.begin, order=self.upweighted)]

    def begin(self) -> None:
        """Remember what the first training gets wrong, and go back to the start."""
        train = self.setup.train
        self.errors_found = np.flatnonzero(self.outputs(train).argmax(axis=1) != train.labels)
        self.setup.log(f"the first training gets {len(self.errors_found)} of {len(train)} examples wrong")
        self.parts.load_state_dict(self.start)

    def upweighted(self, train: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        again = np.repeat(self.errors_found, self.config.upweight - 1)
        drawn = rng.permutation(np.concatenate([np.arange(len(train)), again]))
        return sampling.batched(drawn, self.config.batch)


TITLE = "JTT: trained twice, the second time with more of what the first got wrong"
SPEC = method("jtt", JTT, TITLE, ("Liu et al. 2021, arXiv 2107.09044",), config=JTTConfig)
