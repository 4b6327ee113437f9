"""A linear classifier on a CLIP model's frozen embeddings (Radford et al. 2021, arXiv 2103.00020, section 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.backbones import CLIP_PAPER
from farfield_baselines.generalization.clip import AdamConfig, AsTheyAre, OnClip, declare

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class LinearProbeConfig(AsTheyAre, AdamConfig):
    """How the classifier starts. Images are not augmented, so that each is looked at once."""

    lr: float = setting(1e-2, ge=0.0, le=1.0, help="Learning rate of Adam.")
    start: str = setting(
        "zero", choices=("zero", "zero-shot"), help="The classifier's first weights: zeros, or the zero-shot ones."
    )


class ClipLinearProbe(OnClip):
    """The pooled cross-entropy of a linear layer; the image tower stays as it is."""

    remember = True

    def make_classifier(self) -> nn.Module:
        from farfield_baselines.networks import clip_tower

        config: LinearProbeConfig = self.config
        return clip_tower.head(self.zero_shot if config.start == "zero-shot" else 0.0 * self.zero_shot)


SPEC = declare(
    "linear-probe",
    ClipLinearProbe,
    "A linear classifier on a CLIP model's frozen embeddings, all training domains pooled.",
    (CLIP_PAPER,),
    LinearProbeConfig,
)
