"""ARPL: a class is far from a point that stands for all that it is not (Chen et al. 2021, arXiv 2103.00953)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.ood_training.core import Detecting, DetectorConfig, detector
from farfield_baselines.trained.core import TensorBatch

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class Config(DetectorConfig):
    """OpenOOD's settings."""

    temperature: float = setting(1.0, ge=0.001, le=1e3, help="Logits are divided by it.")
    margin: float = setting(0.1, ge=0.0, le=1e3, help="Weight of the margin of features out of the learned radius.")


class ReciprocalPointLearning(Detecting):
    """Cross-entropy of distances from the points, and features within a learned radius; the score is the best logit."""

    def make_classifier(self) -> nn.Module:
        from farfield_baselines.networks.ood_heads import ReciprocalPoints

        return ReciprocalPoints(self.featurizer.width, self.setup.outputs)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        features = self.featurizer(batch.inputs)
        risk = self.errors(self.classifier(features) / self.config.temperature, batch).mean()
        beyond: torch.Tensor = self.config.margin * self.classifier.beyond(features, batch.labels)
        return risk + beyond

    def judge(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        logits = self.logits(inputs)
        return logits.amax(dim=1), logits


SPEC = detector(
    "arpl",
    ReciprocalPointLearning,
    "Classes by their distance from what they are not (ARPL)",
    ("Chen et al. 2021, arXiv 2103.00953",),
    Config,
)
