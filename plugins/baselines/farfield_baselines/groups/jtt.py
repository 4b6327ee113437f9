"""Just train twice (Liu et al. 2021, arXiv 2107.09044): what a first, short training gets wrong counts more."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from farfield import RunContext, TrainingSet, setting
from farfield_baselines.groups.declare import method
from farfield_baselines.trained import sampling
from farfield_baselines.trained.config import SELECT, SELECTIONS, TrainConfig
from farfield_baselines.trained.core import Recipe, Setup, Stage, made
from farfield_baselines.trained.declare import First
from farfield_baselines.trained.sampling import Ints

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class FirstConfig(TrainConfig):
    """How long the first training is, and how an epoch of the second is chosen. The paper does both on validation."""

    first_epochs: int = setting(2, ge=1, le=1000, help="Epochs of the first training, which finds the errors.")
    select: str = setting("worst-group", choices=SELECTIONS, help=SELECT)


@dataclass(frozen=True, kw_only=True)
class JTTConfig(FirstConfig):
    """The same, and how much its errors count."""

    upweight: int = setting(20, ge=1, le=1000, help="How often an epoch of the second training has each error.")


class FirstTraining(Recipe):
    """The first training alone: short, and its last epoch whatever validation says."""

    def stages(self) -> Sequence[Stage]:
        return [Stage(name="first training", epochs=self.config.first_epochs, select=False)]


def errors(context: RunContext, train: TrainingSet) -> dict[str, Ints]:
    """What the first training gets wrong: `wrong`, positions in the training set."""
    from farfield_baselines.trained.loop import run

    recipe = made(FirstTraining, context, train, {})
    run(recipe, context.progress)
    return {"wrong": wrong(recipe)}


def wrong(recipe: Recipe) -> Ints:
    """The positions of the training examples that the network, as it is now, gets wrong."""
    train = recipe.setup.train
    return np.flatnonzero(recipe.outputs(train).argmax(axis=1) != train.labels)


class JTT(FirstTraining):
    """A first training, its errors on the training split, and a second training from the same start.

    Groups are known to the selection on validation alone.
    """

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.start: dict[str, torch.Tensor] = copy.deepcopy(self.parts.state_dict())
        self.errors_found: Ints = np.zeros(0, np.int64)

    def stages(self) -> Sequence[Stage]:
        (first,) = super().stages()
        known = self.setup.base is not None
        second = Stage(name="second training", epochs=self.config.epochs, before=self.begin, order=self.upweighted)
        return [replace(first, epochs=0) if known else first, second]

    def begin(self) -> None:
        """Remember what the first training gets wrong, and go back to the start."""
        train, base = self.setup.train, self.setup.base
        self.errors_found = wrong(self) if base is None else base["wrong"]
        self.setup.log(f"the first training gets {len(self.errors_found)} of {len(train)} examples wrong")
        self.parts.load_state_dict(self.start)

    def upweighted(self, train: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        again = np.repeat(self.errors_found, self.config.upweight - 1)
        drawn = rng.permutation(np.concatenate([np.arange(len(train)), again]))
        return sampling.batched(drawn, self.config.batch)


TITLE = "JTT: trained twice, the second time with more of what the first got wrong"
PAPER = "Liu et al. 2021, arXiv 2107.09044"
SPEC = method("jtt", JTT, TITLE, (PAPER,), config=JTTConfig, first=First(train=errors, config=FirstConfig))
