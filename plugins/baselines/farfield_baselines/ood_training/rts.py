"""RTS: the softmax's temperature is drawn in training, with variances that are learned and scored by."""

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
    """OpenOOD's settings."""

    freedom: int = setting(32, ge=3, le=1024, help="Degrees of freedom of the temperature.")
    divergence: float = setting(0.1, ge=0.0, le=1e3, help="Weight of the divergence of the variances from 1.")


class RandomTemperature(Detecting):
    """The score is the mean variance."""

    def __init__(self, setup: Setup) -> None:
        from torch import nn

        super().__init__(setup)
        freedom = self.config.freedom
        layers = nn.Sequential(nn.Linear(self.featurizer.width, freedom), nn.BatchNorm1d(freedom))
        self.log_variance = self.part("variance", layers)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        import torch

        from farfield_baselines.networks.ood_losses import random_temperature

        features = self.featurizer(batch.inputs)
        variance = self.log_variance(features).exp()
        noise = torch.randn(variance.shape).to(variance.device)
        return random_temperature(self.classifier(features), variance, batch.labels, noise, self.config.divergence)

    def judge(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.featurizer(inputs)
        return self.log_variance(features).exp().mean(dim=1), self.classifier(features)


SPEC = detector(
    "rts",
    RandomTemperature,
    "A temperature of learned variance (RTS)",
    ("Zhang et al. 2023, arXiv 2306.09301",),
    Config,
)
