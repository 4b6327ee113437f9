"""Invariant risk minimisation, IRMv1 (Arjovsky et al. 2019, arXiv 1907.02893, section 3.1), as WILDS has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import TrainingSet, setting
from farfield_baselines.groups.declare import method
from farfield_baselines.groups.grouping import Grouped, GroupLoaderConfig, Ints, split
from farfield_baselines.trained.core import TensorBatch

if TYPE_CHECKING:
    import numpy as np
    import torch

PAPER = "Arjovsky et al. 2019, arXiv 1907.02893"


@dataclass(frozen=True, kw_only=True)
class IRMConfig(GroupLoaderConfig):
    """The penalty's weight, and from when on it holds."""

    irm_lambda: float = setting(1.0, ge=0.0, le=1e6, help="Weight of the penalty after the first updates.")
    anneal_updates: int = setting(500, ge=0, le=1_000_000, help="Updates before that, at weight 1.")


class IRM(Grouped):
    """The groups' mean risk, and how much each group would gain by scaling the outputs for itself."""

    def order(self, train: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        return self.loader(train, epoch, rng)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        import torch

        config: IRMConfig = self.config
        if self.steps == config.anneal_updates:
            # Another objective from here on: the optimizer forgets the moments of the one before.
            self.optimizer.state.clear()
        scale = torch.ones((), device=batch.labels.device, requires_grad=True)
        apart = split(self.errors(scale * self.logits(batch.inputs), batch), self.groups_of(batch))
        risk = torch.stack([errors.mean() for errors in apart]).mean()
        invariance = torch.stack([penalty(errors, scale) for errors in apart]).mean()
        return risk + (config.irm_lambda if self.steps >= config.anneal_updates else 1.0) * invariance


def penalty(errors: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """The slopes by the scale of the mean error of the even and of the odd examples [B], multiplied; a scalar.

    Two independent estimates of one slope: their product has its square as expectation. Zero for a single example.
    """
    import torch

    if len(errors) < 2:
        return errors.sum() * 0.0
    even, odd = (torch.autograd.grad(errors[i::2].mean(), scale, create_graph=True)[0] for i in (0, 1))
    return even * odd


TITLE = "IRMv1: one classifier that is optimal in every group at once"
SPEC = method("wilds-irm", IRM, TITLE, (PAPER,), config=IRMConfig)
