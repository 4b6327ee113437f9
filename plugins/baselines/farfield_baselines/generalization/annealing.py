"""A penalty that is weak or absent at first: all that anneal one share the schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farfield_baselines.generalization.core import Algorithm

if TYPE_CHECKING:
    import torch


class Annealed(Algorithm):
    """An algorithm whose penalty has another weight until a step, and its own from there on.

    The jump of the loss would throw Adam's running moments off, so they start anew there, as in DomainBed.
    """

    def penalised(
        self, risk: torch.Tensor, penalty: torch.Tensor, weight: float, after: int, *, before: float = 1.0
    ) -> torch.Tensor:
        """risk + before * penalty until the step `after`, risk + weight * penalty from there on."""
        self.start_anew(after)
        return risk + (weight if self.steps >= after else before) * penalty

    def start_anew(self, at: float, lr: float | None = None) -> None:
        """A new Adam at this step, with the rate `lr` where one is given."""
        if self.steps == at:
            self.optimizer = self.adam(self.parts, lr=lr)
