"""A deep ensemble: networks from different first weights (Lakshminarayanan et al. 2017, arXiv 1612.01474)."""

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
    """How many networks."""

    networks: int = setting(5, ge=1, le=100, help="Networks in the ensemble.")


class DeepEnsemble(Detecting):
    """Networks that see the same batches, each trained by its own loss; the logits are the mean of theirs."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.members = [(self.featurizer, self.classifier)]
        for number in range(1, self.config.networks):
            featurizer = self.part(f"featurizer-{number}", self.make_featurizer())
            self.members.append((featurizer, self.part(f"classifier-{number}", self.make_classifier())))

    def each(self, inputs: torch.Tensor) -> torch.Tensor:
        """The logits of each network, [M, B, C]."""
        import torch

        return torch.stack([classifier(featurizer(inputs)) for featurizer, classifier in self.members])

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        import torch

        return torch.stack([self.errors(logits, batch).mean() for logits in self.each(batch.inputs)]).sum()

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.each(inputs).mean(dim=0)


SPEC = detector(
    "deep-ensemble",
    DeepEnsemble,
    "The mean of networks from different first weights (deep ensemble)",
    ("Lakshminarayanan et al. 2017, arXiv 1612.01474",),
    Config,
)
