"""L2-SP: fine-tuning that is drawn back to its starting point (Li et al. 2018, arXiv 1802.01483)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.clip_methods import TrainConfig, declare
from farfield_baselines.fine_tuned import FineTuned

if TYPE_CHECKING:
    from farfield_baselines.networks.fine_tuning import Loss


@dataclass(frozen=True, kw_only=True)
class Config(TrainConfig):
    """Fine-tuning, and the pull."""

    weight_decay: float = setting(
        0.0, ge=0.0, le=1.0, help="Decoupled weight decay of AdamW; the pull stands in its place."
    )
    strength: float = setting(0.01, ge=0.0, le=1e4, help="Half of it times the squared distance from the start.")


class L2SP(FineTuned):
    """Cross-entropy plus half the strength times the squared distance of all parameters from the zero-shot model."""

    def loss(self) -> Loss:
        from farfield_baselines.networks.objectives import l2_sp

        return l2_sp(self.network, self.context.config.strength)


SPEC = declare(
    "clip-l2-sp",
    L2SP,
    "Any CLIP model fine-tuned with a penalty on the distance from its zero-shot weights.",
    ("Li et al. 2018, arXiv 1802.01483",),
    Config,
    stochastic=True,
)
