"""Gradients kept where the training domains agree on them: AND-mask and SAND-mask share all but the mask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from farfield_baselines.generalization.core import Algorithm, Environment, cross_entropy

if TYPE_CHECKING:
    import torch


class GradientMask(Algorithm):
    """The mean gradient over domains, masked, and raised by the share of it that is left, tensor by tensor."""

    def mask(self, gradients: torch.Tensor) -> torch.Tensor:
        """The share 0..1 of each entry that is kept, from the domains' gradients: [E, ...] -> [...]."""
        raise AssertionError("a gradient mask says what it keeps")

    def step(self, environments: Sequence[Environment]) -> dict[str, Any]:
        import torch

        from farfield_baselines.networks.heads import gradients

        parameters = self.parameters()
        losses, of_domains = [], []
        for environment in environments:
            loss = cross_entropy(self.logits(environment.inputs), environment.labels)
            of_domains.append(gradients(loss, parameters))
            losses.append(loss.detach())
        for parameter, *each in zip(parameters, *of_domains, strict=True):
            together = torch.stack(each)
            mask = self.mask(together)
            parameter.grad = mask * together.mean(0) * (1.0 / (1e-10 + mask.mean()))
        self.optimizer.step()
        return {"loss": torch.stack(losses).mean()}


def agreement(gradients: torch.Tensor) -> torch.Tensor:
    """How far the domains agree on each entry's sign, 0..1: [E, ...] -> [...]."""
    return gradients.sign().mean(0).abs()
