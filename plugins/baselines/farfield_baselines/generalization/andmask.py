"""AND-mask (Parascandolo et al. 2021, arXiv 2009.00329): only what all domains ask for is learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.generalization.core import Config
from farfield_baselines.generalization.declare import declare
from farfield_baselines.generalization.gradient_mask import GradientMask, agreement

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class ANDMaskConfig(Config):
    """How many domains have to agree."""

    tau: float = setting(1.0, ge=0.0, le=1.0, help="Least agreement of the domains on an entry's sign.")


class ANDMask(GradientMask):
    """An entry of the gradient is kept where the domains agree on its sign, and is nothing elsewhere."""

    def mask(self, gradients: torch.Tensor) -> torch.Tensor:
        config: ANDMaskConfig = self.config
        return (agreement(gradients) >= config.tau).to(gradients.dtype)


SPEC = declare(
    "andmask",
    ANDMask,
    "AND-mask: the mean gradient where the training domains agree on its sign.",
    ("Parascandolo et al. 2021, arXiv 2009.00329",),
    config=ANDMaskConfig,
)
