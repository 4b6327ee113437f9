"""WiSE-FT: predict with weights between the zero-shot and the fine-tuned ones (Wortsman et al. 2022, 2109.01903)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.generalization.clip import AugmentedConfig, OnClip, declare
from farfield_baselines.generalization.core import Setup
from farfield_baselines.generalization.swad import swapped

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class WiseFTConfig(AugmentedConfig):
    """Where between the two the weights lie."""

    wise_alpha: float = setting(0.5, ge=0.0, le=1.0, help="0 is the zero-shot model, 1 the fine-tuned one.")


class ClipWiseFT(OnClip):
    """Trained as ERM; at every prediction theta = (1 - alpha) theta0 + alpha theta1, buffers included.

    Training goes on from the fine-tuned weights, so each checkpoint is the interpolation with what they are then.
    """

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.start = {name: value.detach().clone() for name, value in self.parts.state_dict().items()}
        self._mixed: tuple[int, Mapping[str, torch.Tensor]] | None = None

    def mixed(self) -> Mapping[str, torch.Tensor]:
        """The weights that predict now; computed once a step."""
        from farfield_baselines.networks.fine_tuning import interpolate

        if self._mixed is None or self._mixed[0] != self.steps:
            self._mixed = (self.steps, interpolate(self.start, self.parts.state_dict(), self.config.wise_alpha))
        return self._mixed[1]

    def predict(self, inputs: torch.Tensor) -> torch.Tensor:
        with swapped(self.parts, self.mixed()):
            return super().predict(inputs)


SPEC = declare(
    "wise-ft",
    ClipWiseFT,
    "A CLIP model fine-tuned end to end, its weights averaged with the zero-shot ones at every prediction.",
    ("Wortsman et al. 2022, arXiv 2109.01903",),
    WiseFTConfig,
)
