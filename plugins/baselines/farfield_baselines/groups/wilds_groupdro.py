"""Group distributionally robust optimisation (Sagawa et al. 2020, arXiv 1911.08731, algorithm 1), as WILDS has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import TrainingSet, setting
from farfield_baselines.groups.declare import method
from farfield_baselines.groups.grouping import HELP, KINDS, GroupConfig, Grouped, Ints
from farfield_baselines.trained.core import Setup, TensorBatch

if TYPE_CHECKING:
    import numpy as np
    import torch

PAPER = "Sagawa et al. 2020, arXiv 1911.08731"


@dataclass(frozen=True, kw_only=True)
class GroupDROConfig(GroupConfig):
    """What a group is, in the paper a domain and a class, and how fast the weights of the groups move."""

    group_by: str = setting("domain-label", choices=KINDS, help=HELP)
    step_size: float = setting(0.01, ge=0.0, le=10.0, help="Step size of the exponentiated gradient.")


class GroupDRO(Grouped):
    """The groups' mean losses, weighted towards the groups that are worst; batches are uniform over groups.

    A group that a batch lacks has the loss 0 there, as in WILDS.
    """

    def __init__(self, setup: Setup) -> None:
        import torch

        super().__init__(setup)
        self.weights = torch.full((self.group_count,), 1.0 / self.group_count, device=setup.device)

    def order(self, train: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        return self.uniform(train, epoch, rng)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        from farfield_baselines.generalization.groupdro import moved

        errors = self.errors(self.logits(batch.inputs), batch)
        losses = means(errors, self.groups_of(batch), self.group_count)
        self.weights = moved(self.weights, losses.detach(), self.config.step_size)
        return losses @ self.weights


def means(errors: torch.Tensor, groups: torch.Tensor, count: int) -> torch.Tensor:
    """The mean error of each group [count] of errors [B]; 0 of a group without any."""
    sums = errors.new_zeros(count).index_add(0, groups, errors)
    return sums / groups.bincount(minlength=count).clamp(min=1)


TITLE = "Group DRO: the loss of the worst group, through weights that follow the losses"
SPEC = method("wilds-groupdro", GroupDRO, TITLE, (PAPER,), config=GroupDROConfig)
