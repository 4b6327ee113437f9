"""MTL as DomainBed has it: each feature beside noise, for the embedding of its domain is overwritten there.

Blanchard et al. 2021 (arXiv 1711.07910) put the domain's mean feature beside it; `mtl_mean` does. DomainBed computes
that mean and then fills it with draws from N(0, 1), in training and in prediction, so that its published figures are
of this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Config, Environment, cross_entropy
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class MTLConfig(Config):
    """DomainBed's setting, of which nothing is left once the embedding is overwritten."""

    mtl_ema: float = setting(0.99, ge=0.0, le=1.0, help="Without effect, as in DomainBed; mtl-mean has it.")


class MTL(Algorithm):
    """The sum of the domains' risks, each feature beside as many draws from N(0, 1)."""

    def make_classifier(self) -> nn.Module:
        from farfield_baselines.networks.heads import classifier

        return classifier(2 * self.featurizer.width, self.setup.classes, self.config.nonlinear_classifier)

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        import torch

        return torch.stack([cross_entropy(self.logits(e.inputs), e.labels) for e in environments]).sum(), {}

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        import torch

        features = self.featurizer(inputs)
        noise = torch.empty_like(features).normal_()
        logits: torch.Tensor = self.classifier(torch.cat([features, noise], dim=1))
        return logits


SPEC = declare(
    "mtl",
    MTL,
    "MTL as in DomainBed: a classifier of each feature beside noise in place of its domain's embedding.",
    ("Blanchard et al. 2021, arXiv 1711.07910",),
    config=MTLConfig,
    transductive=True,
)
