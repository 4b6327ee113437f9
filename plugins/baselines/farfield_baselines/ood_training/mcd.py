"""MCD: two classifiers that agree on ID images and not on outliers (Yu & Aizawa 2019, arXiv 1908.04951)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.ood_training.core import NeedsOutliers, detector
from farfield_baselines.ood_training.outliers import OutlierConfig, WithOutliers
from farfield_baselines.trained.core import Setup, TensorBatch

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Config(OutlierConfig):
    """How far the classifiers are driven apart, and from when on."""

    weight: float = setting(1.0, ge=0.0, le=1e3, help="Weight of the discrepancy on outliers.")
    margin: float = setting(1.2, ge=0.0, le=100.0, help="Difference of the entropies that is enough; OpenOOD's is 1.2.")
    start: float = setting(0.9, ge=0.0, le=1.0, help="Share of the epochs on ID images alone; OpenOOD's is 0.9.")


class ClassifierDiscrepancy(WithOutliers):
    """Two heads on one network; the score is minus the L1 distance of their softmaxes, the logits are the first's."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.second = self.part("second", self.make_classifier())

    def both(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The logits of either head."""
        features = self.featurizer(inputs)
        return self.classifier(features), self.second(features)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        from farfield_baselines.networks.ood_losses import discrepancy

        config, count = self.config, len(batch.labels)
        late = self.steps >= config.start * config.epochs * -(-len(self.setup.train) // config.batch)
        first, second = self.both(self.with_outliers(batch.inputs) if late else batch.inputs)
        risk = self.errors(first[:count], batch).mean() + self.errors(second[:count], batch).mean()
        return risk + config.weight * discrepancy(first[count:], second[count:], config.margin) if late else risk

    def judge(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        first, second = self.both(inputs)
        return -(first.softmax(dim=1) - second.softmax(dim=1)).abs().sum(dim=1), first


SPEC = detector(
    "mcd",
    ClassifierDiscrepancy,
    "Two classifiers that disagree on outliers (MCD)",
    ("Yu & Aizawa 2019, arXiv 1908.04951",),
    Config,
    held=NeedsOutliers,
)
