"""Outlier exposure: the classifier is uniform on outliers (Hendrycks et al. 2019, arXiv 1812.04606)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.ood_training.core import NeedsOutliers, detector
from farfield_baselines.ood_training.outliers import OutlierConfig, WithOutliers
from farfield_baselines.trained.core import TensorBatch

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Config(OutlierConfig):
    """How much outliers count."""

    weight: float = setting(0.5, ge=0.0, le=1e3, help="Weight of being uniform on outliers; OpenOOD's is 0.5.")


class OutlierExposure(WithOutliers):
    """Cross-entropy of ID images, and of outliers with the uniform distribution."""

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        from farfield_baselines.networks.ood_losses import to_uniform

        logits, count = self.logits(self.with_outliers(batch.inputs)), len(batch.labels)
        outside: torch.Tensor = self.config.weight * to_uniform(logits[count:])
        return self.errors(logits[:count], batch).mean() + outside


SPEC = detector(
    "outlier-exposure",
    OutlierExposure,
    "A classifier that is uniform on outliers (OE)",
    ("Hendrycks et al. 2019, arXiv 1812.04606",),
    Config,
    held=NeedsOutliers,
)
