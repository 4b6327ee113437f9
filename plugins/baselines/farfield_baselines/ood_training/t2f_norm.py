"""T2FNorm: features of one length in training, as they are at test (Regmi et al. 2023, arXiv 2305.17797)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.ood_training.core import Detecting, DetectorConfig, detector
from farfield_baselines.trained.core import TensorBatch

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Config(DetectorConfig):
    """How long the features are in training."""

    tau: float = setting(0.1, ge=0.001, le=100.0, help="Features have the length 1 / tau; OpenOOD's is 0.1.")


class T2FNorm(Detecting):
    """At test features are divided by tau alone."""

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        from torch.nn import functional

        features = functional.normalize(self.featurizer(batch.inputs), dim=1) / self.config.tau
        return self.errors(self.classifier(features), batch).mean()

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = self.classifier(self.featurizer(inputs) / self.config.tau)
        return outputs


SPEC = detector(
    "t2f-norm",
    T2FNorm,
    "Features of one length in training (T2FNorm)",
    ("Regmi et al. 2023, arXiv 2305.17797",),
    Config,
)
