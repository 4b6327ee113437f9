"""ISH: the last layer learns from each image's highest activations, scaled (Xu et al. 2024, arXiv 2310.00227)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.ood_training.core import Detecting, DetectorConfig, detector

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class Config(DetectorConfig):
    """How much is left out."""

    pruned: float = setting(
        0.85, ge=0.0, le=0.99, help="Share of the activations that the last layer does not learn from; OpenOOD's."
    )
    percentile: float = setting(85.0, ge=0.0, le=95.0, help="SCALE's percentile, by which images are scored.")


class Sharpened(Detecting):
    """Cross-entropy; the score is SCALE's: the energy of the logits of scaled features."""

    def make_classifier(self) -> nn.Module:
        from farfield_baselines.networks.ood_heads import SharpenedLinear

        return SharpenedLinear(self.featurizer.width, self.setup.outputs, self.config.pruned)

    def judge(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        import torch

        from farfield_baselines.ood_detection.ash import sharpness

        features = self.featurizer(inputs)
        factors = torch.from_numpy(sharpness(features.double().cpu().numpy(), self.config.percentile)).to(features)
        return self.classifier(features * factors[:, None]).logsumexp(dim=1), self.classifier(features)


SPEC = detector(
    "ish",
    Sharpened,
    "A last layer that learns from scaled activations, scored by SCALE (ISH)",
    ("Xu et al. 2024, arXiv 2310.00227",),
    Config,
)
