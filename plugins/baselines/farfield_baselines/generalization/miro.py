"""Mutual-information regularisation with an oracle, MIRO (Cha et al. 2022, arXiv 2203.10789)."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Config, Environment, Setup, cross_entropy, pooled
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch

FIRST_VARIANCE, LEAST_VARIANCE = 0.1, 1e-5


@dataclass(frozen=True, kw_only=True)
class MIROConfig(Config):
    """How much the pre-trained features count."""

    miro_lambda: float = setting(0.1, ge=0.0, le=1e4, help="Weight of the bound on the mutual information.")
    miro_lr_factor: float = setting(10.0, ge=0.0, le=1e4, help="Learning rate of the variances, in units of lr.")


class MIRO(Algorithm):
    """The risk, and how unlikely the featurizer as it was at first finds the features as they are now.

    The oracle of the paper is approximated by the featurizer before training, so it should come with weights.
    """

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.oracle: Any = copy.deepcopy(self.featurizer).requires_grad_(False).eval()
        self.spreads = first_spreads(self.oracle, setup)
        rate = self.config.lr * self.config.miro_lr_factor
        self.optimizer.add_param_group({"params": self.spreads, "lr": rate})

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        import torch

        from farfield_baselines.networks.featurizers import stage_outputs

        inputs, labels = pooled(environments)
        features, stages = stage_outputs(self.featurizer, inputs)
        with torch.no_grad():
            _, before = stage_outputs(self.oracle, inputs)
        terms = [surprise(f, g, variance(s)) for f, g, s in zip(stages, before, self.spreads, strict=True)]
        bound = torch.stack(terms).sum()
        risk = cross_entropy(self.classifier(features), labels)
        return risk + self.config.miro_lambda * bound, {"nll": risk, "penalty": bound}


def first_spreads(network: Any, setup: Setup, *, stem: bool = False) -> list[torch.Tensor]:
    """One value a channel for each of the network's stages; the softplus of it is the variance."""
    import torch

    from farfield_baselines.networks.featurizers import stage_outputs

    with torch.no_grad():
        blank = torch.zeros(1, *setup.shape, device=setup.device)
        _, stages = stage_outputs(network, blank, stem=stem)
    first = math.log(math.expm1(FIRST_VARIANCE - LEAST_VARIANCE))
    return [torch.full(channels_of(s), first, device=s.device, requires_grad=True) for s in stages]


def channels_of(features: torch.Tensor) -> tuple[int, ...]:
    """The shape of one value a channel, to go with [B, C, ...]: (C, 1, ...)."""
    return (features.shape[1], *(1 for _ in features.shape[2:]))


def variance(spread: torch.Tensor) -> torch.Tensor:
    """Positive, from a value without bounds."""
    from torch.nn import functional

    return functional.softplus(spread) + LEAST_VARIANCE


def surprise(features: torch.Tensor, before: torch.Tensor, spread: torch.Tensor) -> torch.Tensor:
    """Minus the mean log-likelihood of `before` under a Gaussian about `features`, without its constant; a scalar.

    Half of (f - f0)^2 / variance + log variance: the first part is zero for equal features.
    """
    return 0.5 * ((features - before).square() / spread + spread.log()).mean()


SPEC = declare(
    "miro",
    MIRO,
    "MIRO: the risk, and a bound that keeps the features informative about the pre-trained ones.",
    ("Cha et al. 2022, arXiv 2203.10789",),
    config=MIROConfig,
    images_only=True,
)
