"""MixOE: mixtures of ID images and outliers, with labels mixed alike (Zhang et al. 2023, arXiv 2106.03917)."""

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
    """How shares are drawn, and how much mixtures count: OpenOOD's."""

    weight: float = setting(1.0, ge=0.0, le=1e3, help="Weight of the mixtures.")
    alpha: float = setting(0.1, ge=0.001, le=100.0, help="First parameter of the beta that the ID share is drawn of.")
    beta: float = setting(1.0, ge=0.001, le=100.0, help="Its second parameter.")


@dataclass(frozen=True, kw_only=True)
class ImagesConfig(Config):
    """On images, what mixing is, too."""

    mixing: str = setting("cutmix", choices=("cutmix", "mixup"), help="A rectangle of the outlier, or a weighted mean.")


class MixtureOutlierExposure(WithOutliers):
    """Cross-entropy of ID images, and of mixtures with the ID label's share and the rest uniform."""

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        import torch
        from torch.nn import functional

        from farfield_baselines.networks.ood_losses import soft_cross_entropy
        from farfield_baselines.networks.outliers import mixed, pasted

        others = self.stream.next().inputs
        count = min(len(others), len(batch.inputs))
        share = float(torch.distributions.Beta(self.config.alpha, self.config.beta).sample())
        if getattr(self.config, "mixing", "mixup") == "cutmix":
            mixture, share = pasted(batch.inputs[:count], others[:count], share)
        else:
            mixture = mixed(batch.inputs[:count], others[:count], share)
        classes = self.setup.outputs
        targets = share * functional.one_hot(batch.labels[:count], classes) + (1 - share) / classes
        risk = self.errors(self.logits(batch.inputs), batch).mean()
        of_mixtures: torch.Tensor = self.config.weight * soft_cross_entropy(self.logits(mixture), targets)
        return risk + of_mixtures


SPEC = detector(
    "mix-oe",
    MixtureOutlierExposure,
    "Mixtures of ID images and outliers (MixOE)",
    ("Zhang et al. 2023, arXiv 2106.03917",),
    Config,
    image_config=ImagesConfig,
    held=NeedsOutliers,
)
