"""Mixup between training domains (Yan et al. 2020, arXiv 2001.00677; Zhang et al. 2018, arXiv 1710.09412)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Config, Environment, cross_entropy
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class MixupConfig(Config):
    """How even the mixtures are."""

    mixup_alpha: float = setting(0.2, ge=0.0, le=100.0, help="Beta(alpha, alpha) draws the share; 0 does not mix.")


class Mixup(Algorithm):
    """The loss of convex combinations of images and labels, of two domains each."""

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        import torch

        config: MixupConfig = self.config
        losses = []
        for first, second in paired(environments):
            share = drawn_share(config.mixup_alpha)
            inputs = share * first.inputs + (1.0 - share) * second.inputs
            logits = self.logits(inputs)
            one, other = cross_entropy(logits, first.labels), cross_entropy(logits, second.labels)
            losses.append(share * one + (1.0 - share) * other)
        return torch.stack(losses).mean(), {}


def drawn_share(alpha: float) -> float:
    """The first image's share, from Beta(alpha, alpha); 1 at alpha = 0, where it would only choose between the two.

    Drawn by numpy: torch's sampler underflows to one half for an alpha near zero.
    """
    import torch

    if alpha == 0.0:
        return 1.0
    return float(np.random.default_rng(int(torch.randint(2**31, ()))).beta(alpha, alpha))


def paired(environments: Sequence[Environment]) -> list[tuple[Environment, Environment]]:
    """Each environment with the next one of a random circle, both cut to the shorter."""
    import torch

    order = torch.randperm(len(environments)).tolist()
    circle = zip(order, [*order[1:], order[0]], strict=True)
    return [_cut(environments[a], environments[b]) for a, b in circle]


def _cut(first: Environment, second: Environment) -> tuple[Environment, Environment]:
    count = min(len(first.labels), len(second.labels))
    one, other = (Environment(inputs=e.inputs[:count], labels=e.labels[:count]) for e in (first, second))
    return one, other


SPEC = declare(
    "mixup",
    Mixup,
    "Mixup: the loss of convex combinations of images and labels from two training domains.",
    ("Yan et al. 2020, arXiv 2001.00677", "Zhang et al. 2018, arXiv 1710.09412"),
    config=MixupConfig,
)
