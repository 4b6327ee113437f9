"""Adaptive feature norm (Xu et al. 2019, arXiv 1811.07456): features of both kinds of data grow, as WILDS has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import TrainingSet, setting
from farfield_baselines.groups.declare import method
from farfield_baselines.trained import sampling
from farfield_baselines.trained.config import TrainConfig
from farfield_baselines.trained.core import NeedsUnlabeled, Recipe, Setup, TensorBatch
from farfield_baselines.trained.sampling import Ints

if TYPE_CHECKING:
    import numpy as np
    import torch


@dataclass(frozen=True, kw_only=True)
class AFNConfig(TrainConfig):
    """Which form, and how much it counts."""

    form: str = setting("stepwise", choices=("stepwise", "hard"), help="Norms grow step by step, or to one radius.")
    afn_weight: float = setting(0.01, ge=0.0, le=1e4, help="Weight of the penalty on norms.")
    increment: float = setting(1.0, ge=0.0, le=1e3, help="By how much the stepwise form wants a norm to grow.")
    radius: float = setting(1.0, ge=0.0, le=1e6, help="The mean norm that the hard form wants.")


class AFN(Recipe):
    """The risk on labeled examples, and a penalty on the norms of the features of labeled and of unlabeled ones."""

    def __init__(self, setup: Setup) -> None:
        from farfield_baselines.trained.unlabeled import Stream

        super().__init__(setup)
        if setup.unlabeled is None:
            raise ValueError("AFN needs unlabeled examples, and this benchmark has none")
        self.stream = Stream(self, setup.unlabeled, self.order)

    def order(self, train: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        return sampling.shuffled(len(train), self.config.batch, rng)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        features, others = self.featurizer(batch.inputs), self.featurizer(self.stream.next().inputs)
        risk = self.errors(self.classifier(features), batch).mean()
        config: AFNConfig = self.config
        return risk + config.afn_weight * (self.penalty(features) + self.penalty(others))

    def penalty(self, features: torch.Tensor) -> torch.Tensor:
        """Of features [B, D]; a scalar."""
        config: AFNConfig = self.config
        return hard(features, config.radius) if config.form == "hard" else stepwise(features, config.increment)


def stepwise(features: torch.Tensor, increment: float) -> torch.Tensor:
    """The mean squared distance of each norm from what it is now plus the increment: all of it is gradient."""
    from torch import linalg

    norms: torch.Tensor = linalg.vector_norm(features, dim=1)
    return (norms - (norms.detach() + increment)).square().mean()


def hard(features: torch.Tensor, radius: float) -> torch.Tensor:
    """The squared distance of the mean norm from the radius."""
    from torch import linalg

    norms: torch.Tensor = linalg.vector_norm(features, dim=1)
    return (norms.mean() - radius).square()


TITLE = "AFN: the risk, and larger norms of the features of labeled and of unlabeled examples"
PAPER = "Xu et al. 2019, arXiv 1811.07456"
SPEC = method("wilds-afn", AFN, TITLE, (PAPER,), config=AFNConfig, held=NeedsUnlabeled)
