"""LogitNorm: the classifier learns from the direction of its logits alone (Wei et al. 2022, arXiv 2205.09310)."""

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
    """How long the logits are in training."""

    tau: float = setting(0.04, ge=0.001, le=100.0, help="Logits have the length 1 / tau; OpenOOD's is 0.04.")


class LogitNorm(Detecting):
    """Cross-entropy of logits of one length; the score is the highest probability of those that the network gives."""

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        from farfield_baselines.networks.ood_losses import logit_norm

        return logit_norm(self.logits(batch.inputs), batch.labels, self.config.tau)


SPEC = detector(
    "logit-norm", LogitNorm, "Logits of one length (LogitNorm)", ("Wei et al. 2022, arXiv 2205.09310",), Config
)
