"""SAND-mask (Shahtalebi et al. 2021, arXiv 2106.02266): AND-mask without a step, by sign and size of the gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.generalization.core import Config
from farfield_baselines.generalization.declare import declare
from farfield_baselines.generalization.gradient_mask import GradientMask, agreement

if TYPE_CHECKING:
    import torch

NEXT_TO_NOTHING = 1e-17


@dataclass(frozen=True, kw_only=True)
class SANDMaskConfig(Config):
    """How many domains have to agree, and how steep the mask is."""

    tau: float = setting(
        1.0, ge=0.0, le=1.0, help="Agreement of the domains up to which an entry is masked; at 1 nothing is learned."
    )
    k: float = setting(10.0, ge=0.0, le=1e6, help="Steepness of the mask above that.")


class SANDMask(GradientMask):
    """An entry counts the more, the more the domains agree on its sign and the less its gradients vary."""

    def mask(self, gradients: torch.Tensor) -> torch.Tensor:
        """tanh(k (agreement - tau) / variance), no less than zero."""
        import torch

        config: SANDMaskConfig = self.config
        single = len(gradients) == 1  # of which there is no variance
        variance = torch.full_like(gradients[0], NEXT_TO_NOTHING) if single else gradients.var(0)
        mask = torch.tanh(config.k * variance.reciprocal() * (agreement(gradients) - config.tau))
        return mask.clamp(min=0.0).nan_to_num(nan=NEXT_TO_NOTHING)


SPEC = declare(
    "sandmask",
    SANDMask,
    "SAND-mask: the mean gradient, masked by how far the training domains agree on its sign and size.",
    ("Shahtalebi et al. 2021, arXiv 2106.02266",),
    config=SANDMaskConfig,
)
