"""What IB-ERM and IB-IRM share (Ahuja et al. 2021, arXiv 2106.06607): features that vary little within a domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.generalization.annealing import Annealed
from farfield_baselines.generalization.core import Config, Environment, cross_entropy, pooled, split

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class BottleneckConfig(Config):
    """The weight of the bottleneck, and from when on it holds."""

    ib_lambda: float = setting(1e2, ge=0.0, le=1e6, help="Weight of the features' variance after the first steps.")
    ib_penalty_anneal_iters: int = setting(500, ge=0, le=1_000_000, help="Steps before that, without it.")


class Bottleneck(Annealed):
    """The mean risk over domains, and the mean variance of their features."""

    def seen(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor]]:
        """(mean risk, mean variance of the features, logits of each domain)."""
        import torch

        features = self.featurizer(pooled(environments)[0])
        logits = split(self.classifier(features), environments)
        risk = torch.stack([cross_entropy(z, e.labels) for z, e in zip(logits, environments, strict=True)]).mean()
        return risk, torch.stack([spread(f) for f in split(features, environments)]).mean(), logits

    def squeezed(self, loss: torch.Tensor, variance: torch.Tensor) -> torch.Tensor:
        """The loss with the bottleneck, once that holds."""
        config: BottleneckConfig = self.config
        return self.penalised(loss, variance, config.ib_lambda, config.ib_penalty_anneal_iters, before=0.0)


def spread(features: torch.Tensor) -> torch.Tensor:
    """The mean over features of their variance over rows, divided by B - 1; zero for a single row: [B, D] -> scalar."""
    centred = features - features.mean(0)
    return (centred.square().sum(0) / max(1, len(features) - 1)).mean()
