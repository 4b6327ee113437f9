"""ConfBranch: a network that may buy hints says how sure it is (DeVries & Taylor 2018, arXiv 1802.04865)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.ood_training.core import Detecting, DetectorConfig, detector
from farfield_baselines.trained.core import Setup, TensorBatch

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Config(DetectorConfig):
    """What hints cost."""

    budget: float = setting(0.3, ge=0.0, le=10.0, help="The confidence loss that the price of hints steers to.")
    price: float = setting(0.1, ge=0.0, le=10.0, help="Weight of the confidence loss in the first step.")


class ConfidenceBranch(Detecting):
    """Half of a batch may be hinted at, by chance; the price of hints follows the budget, a hundredth a step."""

    def __init__(self, setup: Setup) -> None:
        from torch import nn

        super().__init__(setup)
        self.confidence = self.part("confidence", nn.Linear(self.featurizer.width, 1))
        self.price = self.config.price

    def both(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(logits [B, C], the logit of the confidence [B])."""
        features = self.featurizer(inputs)
        return self.classifier(features), self.confidence(features)[:, 0]

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        import torch

        from farfield_baselines.networks.ood_losses import hinted

        logits, confidence = self.both(batch.inputs)
        task, unsure = hinted(logits, confidence, batch.labels, torch.rand(len(logits)).to(logits.device) < 0.5)
        total: torch.Tensor = task + self.price * unsure
        self.price /= 1.01 if self.config.budget > unsure.item() else 0.99
        return total

    def judge(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        logits, confidence = self.both(inputs)
        return confidence.sigmoid(), logits


SPEC = detector(
    "conf-branch",
    ConfidenceBranch,
    "A confidence that is learned with the classes (ConfBranch)",
    ("DeVries & Taylor 2018, arXiv 1802.04865",),
    Config,
)
