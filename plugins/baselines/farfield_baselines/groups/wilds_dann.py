"""Domain-adversarial training (Ganin et al. 2016, arXiv 1505.07818) by gradient reversal, as WILDS has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.groups.declare import method
from farfield_baselines.groups.grouping import LoaderConfig
from farfield_baselines.groups.with_unlabeled import WithUnlabeled
from farfield_baselines.trained.core import Setup, TensorBatch, TrainedWithUnlabeled

if TYPE_CHECKING:
    import torch

HIDDEN = 1024  # width of the discriminator's two hidden layers


@dataclass(frozen=True, kw_only=True)
class DANNConfig(LoaderConfig):
    """How much the discriminator counts, and a learning rate for each of the three networks."""

    dann_weight: float = setting(1.0, ge=0.0, le=1e4, help="Weight of the discriminator's loss.")
    featurizer_lr: float = setting(1e-3, ge=0.0, le=10.0, help="Learning rate of the featurizer.")
    classifier_lr: float = setting(1e-3, ge=0.0, le=10.0, help="Learning rate of the classifier.")
    discriminator_lr: float = setting(1e-3, ge=0.0, le=10.0, help="Learning rate of the discriminator.")


class DANN(WithUnlabeled):
    """The risk, and the loss of a discriminator that tells the group, whose gradient reaches the featurizer reversed.

    With unlabeled examples their domains are to be told as well.
    """

    def __init__(self, setup: Setup) -> None:
        from farfield_baselines.networks.heads import discriminator

        super().__init__(setup)
        groups = self.group_count if setup.unlabeled is None else setup.domains
        self.discriminator: Any = self.part("discriminator", discriminator(self.featurizer.width, groups, HIDDEN))

    def rate(self, part: str) -> float:
        return float(getattr(self.config, f"{part}_lr"))

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        from torch.nn import functional

        inputs, groups = self.with_unlabeled(batch)
        features = self.featurizer(inputs)
        risk = self.errors(self.classifier(features[: len(batch.labels)]), batch).mean()
        told = functional.cross_entropy(self.discriminator(reversed_gradient(features)), groups)
        config: DANNConfig = self.config
        return risk + config.dann_weight * told


def reversed_gradient(features: torch.Tensor) -> torch.Tensor:
    """The features as they are, and their gradient times -1."""
    return 2.0 * features.detach() - features


TITLE = "DANN: the risk, on features from which a discriminator cannot tell the group"
PAPER = "Ganin et al. 2016, arXiv 1505.07818"
SPEC = method("wilds-dann", DANN, TITLE, (PAPER,), config=DANNConfig, held=TrainedWithUnlabeled)
