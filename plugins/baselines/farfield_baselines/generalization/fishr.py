"""Fishr (Rame et al. 2022, arXiv 2109.02934): the variance of the classifier's gradients, alike in all domains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.generalization.annealing import Annealed
from farfield_baselines.generalization.core import Config, Environment, Setup, cross_entropy, pooled, split
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class FishrConfig(Config):
    """The penalty's weight, from when on it holds, and how long variances are remembered."""

    lambda_: float = setting(1000.0, ge=0.0, le=1e7, help="Weight of the penalty, in records lambda.")
    penalty_anneal_iters: int = setting(1500, ge=0, le=1_000_000, help="Steps before that, without it.")
    ema: float = setting(0.95, ge=0.0, le=0.9999, help="Decay of each domain's moving variance.")


class Fishr(Annealed):
    """The pooled risk, and how far the domains' variances of single images' gradients are apart."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._moving: torch.Tensor | float = 0.0

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        import torch

        config: FishrConfig = self.config
        inputs, labels = pooled(environments)
        features = self.featurizer(inputs)
        risk = cross_entropy(self.classifier(features), labels)
        each = split(gradients_of_each(self.classifier, features, labels), environments)
        variances = self.smoothed(torch.stack([g.var(0, unbiased=False) for g in each]))
        penalty = (variances - variances.mean(0)).square().mean()
        loss = self.penalised(risk, penalty, config.lambda_, config.penalty_anneal_iters, before=0.0)
        return loss, {"nll": risk, "penalty": penalty}

    def smoothed(self, variances: torch.Tensor) -> torch.Tensor:
        """The moving average, divided by 1 - ema so that the gradient of the new does not depend on it: [E, P]."""
        ema: float = self.config.ema
        average: torch.Tensor = ema * self._moving + (1.0 - ema) * variances
        self._moving = average.detach()
        return average / (1.0 - ema)


def gradients_of_each(head: nn.Module, features: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The gradient of each image's cross-entropy by all of the head's parameters, itself differentiable: [B, P].

    Of a linear layer it is the gradient by what the layer gave, times what it was given.
    """
    import torch
    from torch import nn

    seen: dict[nn.Module, tuple[torch.Tensor, torch.Tensor]] = {}

    def look(layer: nn.Module, given: tuple[torch.Tensor], gave: torch.Tensor) -> None:
        seen[layer] = given[0], gave

    hooks = [layer.register_forward_hook(look) for layer in head.modules() if isinstance(layer, nn.Linear)]
    try:
        total = cross_entropy(head(features), labels) * len(labels)
    finally:
        for hook in hooks:
            hook.remove()
    back = torch.autograd.grad(total, [gave for _, gave in seen.values()], create_graph=True)
    pairs = zip(back, seen.values(), strict=True)
    return torch.cat([torch.cat([(g[:, :, None] * x[:, None]).flatten(1), g], dim=1) for g, (x, _) in pairs], dim=1)


SPEC = declare(
    "fishr",
    Fishr,
    "Fishr: the risk, and the variance of the classifier's gradients made alike in the training domains.",
    ("Rame et al. 2022, arXiv 2109.02934",),
    config=FishrConfig,
)
