"""Dropout at test, too: the mean of several passes (Gal & Ghahramani 2016, arXiv 1506.02142)."""

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
    """How much is dropped, and how often."""

    dropped: float = setting(0.5, ge=0.0, le=0.99, help="Share of the features that is dropped, OpenOOD's.")
    passes: int = setting(5, ge=1, le=1000, help="Passes at test; OpenOOD's is 5.")


class MonteCarloDropout(Detecting):
    """Features are dropped before the classifier. At test each pass drops the same ones of every image."""

    def __init__(self, setup: Setup) -> None:
        import torch

        super().__init__(setup)
        config = self.config
        kept = torch.rand(config.passes, self.featurizer.width) >= config.dropped
        self.masks = (kept / (1 - config.dropped)).to(setup.device)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        from torch.nn import functional

        features = functional.dropout(self.featurizer(batch.inputs), self.config.dropped)
        return self.errors(self.classifier(features), batch).mean()

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        import torch

        features = self.featurizer(inputs)
        return torch.stack([self.classifier(features * mask) for mask in self.masks]).mean(dim=0)


SPEC = detector(
    "mc-dropout",
    MonteCarloDropout,
    "The mean of passes with dropout (MC dropout)",
    ("Gal & Ghahramani 2016, arXiv 1506.02142",),
    Config,
)
