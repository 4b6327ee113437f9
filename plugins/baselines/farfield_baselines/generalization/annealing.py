"""A penalty that is weak at first: IRM and VREx share the schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farfield_baselines.generalization.core import Algorithm

if TYPE_CHECKING:
    import torch


class Annealed(Algorithm):
    """An algorithm whose penalty has the weight 1 until a step, and its own from there on.

    The jump of the loss would throw Adam's running moments off, so they start anew there, as in DomainBed.
    """

    def penalised(self, risk: torch.Tensor, penalty: torch.Tensor, weight: float, after: int) -> torch.Tensor:
        """risk + penalty until the step `after`, risk + weight * penalty from there on."""
        if self.steps == after:
            self.optimizer = self.make_optimizer()
        return risk + (weight if self.steps >= after else 1.0) * penalty
