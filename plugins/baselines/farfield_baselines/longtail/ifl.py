"""IFL: invariant features from two environments of a class, one of them hard (Tang et al. 2022, arXiv 2207.09504)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from farfield import MethodSpec, TrainingSet, setting
from farfield.numerics import softmax
from farfield_baselines.longtail.core import EitherLoss, LossConfig
from farfield_baselines.longtail.declare import method
from farfield_baselines.longtail.weights import by_difficulty
from farfield_baselines.trained import sampling
from farfield_baselines.trained.core import Ints, Setup

if TYPE_CHECKING:
    import torch

    from farfield_baselines.trained.core import TensorBatch


@dataclass(frozen=True, kw_only=True)
class InvariantConfig(LossConfig):
    """When the hard environment is made and made again, and what the distance from the centres weighs from then on."""

    first_from: float = setting(
        0.6, ge=0.0, le=1.0, help="Share of the epochs after which the hard environment is made."
    )
    second_from: float = setting(0.8, ge=0.0, le=1.0, help="Share of the epochs after which it is made again.")
    first_weight: float = setting(0.001, ge=0.0, le=100.0, help="Weight of the distance from the centres at first.")
    second_weight: float = setting(0.005, ge=0.0, le=100.0, help="Its weight after the second time.")
    centre_lr: float = setting(0.5, ge=0.0, le=10.0, help="Learning rate of the centres.")
    sample_scale: float = setting(4.0, ge=1.0, le=100.0, help="How often the hardest fifth comes beside the others.")


class InvariantFeatureLearning(EitherLoss):
    """Half of a batch comes uniformly, half by how hard an image is for its class; a class's features share a centre.

    The release takes an image's difficulty from the passes of one epoch. Here all images are looked at once, by the
    network as it is then, so that none is left out.
    """

    def __init__(self, setup: Setup) -> None:
        from farfield_baselines.networks.long_tail import Centres

        super().__init__(setup)
        self.centres: Any = self.part("centres", Centres(setup.outputs, self.featurizer.width))
        self.weight, self.hard = 0.0, np.ones(len(setup.train))

    def order(self, train: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        config, half = self.config, max(1, self.config.batch // 2)
        first, second = round(config.first_from * config.epochs), round(config.second_from * config.epochs)
        self.weight = config.second_weight if epoch >= second else config.first_weight if epoch >= first else 0.0
        if epoch in (first, second):
            self.hard = by_difficulty(self.own_probabilities(train), train.labels, config.sample_scale)
        environments = (np.ones(len(train)), self.hard)
        halves = (sampling.weighted(chances, half, rng) for chances in environments)
        return (np.concatenate(pair) for pair in zip(*halves, strict=True))

    def own_probabilities(self, train: TrainingSet) -> np.ndarray:
        """The probability of its own class for each training image [N]."""
        return softmax(self.outputs(train))[np.arange(len(train)), train.labels]

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        features = self.featurizer(batch.inputs)
        risk = self.risk(self.classifier(features), batch.labels)
        if not self.weight:
            return risk
        apart: torch.Tensor = self.centres(features, batch.labels)
        self.centres.follow(features, batch.labels, self.config.centre_lr)
        return risk + self.weight * apart


SPEC: MethodSpec = method(
    "ifl",
    InvariantFeatureLearning,
    "Invariant feature learning (IFL)",
    ("Tang et al. 2022, ECCV, arXiv 2207.09504",),
    InvariantConfig,
)
