"""AbeT with its training: the temperature is learned with the network (LeVine et al. 2024, arXiv 2401.12129)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farfield_baselines.ood_training.core import detector
from farfield_baselines.ood_training.g_odin import PAPER, HeadConfig, OverLearnedTemperature

if TYPE_CHECKING:
    import torch


class TrainedAbeT(OverLearnedTemperature):
    """The ablated energy, logsumexp(h / g), without the factor g that the energy score would have before it."""

    def judge(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        logits = self.logits(inputs)
        return logits.logsumexp(dim=1), logits


SPEC = detector(
    "abet-trained",
    TrainedAbeT,
    "Ablated energy of logits over a temperature that is learned with the network (AbeT)",
    ("LeVine et al. 2024, arXiv 2401.12129", PAPER),
    HeadConfig,
)
