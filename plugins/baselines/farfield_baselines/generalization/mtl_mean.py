"""Marginal transfer learning by its paper (Blanchard et al. 2021, arXiv 1711.07910), with a domain's mean embedding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Config, Environment, Setup, cross_entropy, pooled, split
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class MTLMeanConfig(Config):
    """How fast a domain's embedding follows."""

    mtl_ema: float = setting(0.99, ge=0.0, le=1.0, help="Share of the new batch in a domain's embedding.")


class MTLMean(Algorithm):
    """The classifier sees each feature beside the mean feature of the domain.

    In training that is a moving mean; at prediction it is the mean of the test batch, so the method is transductive.
    """

    def __init__(self, setup: Setup) -> None:
        import torch

        super().__init__(setup)
        self.embeddings = torch.zeros(setup.domains, self.featurizer.width, device=setup.device)

    def make_classifier(self) -> nn.Module:
        from farfield_baselines.networks.heads import classifier

        return classifier(2 * self.featurizer.width, self.setup.classes, self.config.nonlinear_classifier)

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        import torch

        inputs, labels = pooled(environments)
        features = split(self.featurizer(inputs), environments)
        beside = [self.beside(f, self.embedding(number, f)) for number, f in enumerate(features)]
        return cross_entropy(self.classifier(torch.cat(beside)), labels), {}

    def embedding(self, domain: int, features: torch.Tensor) -> torch.Tensor:
        """The domain's moving mean with these features [B, D] taken in: [D]; the gradient passes through them."""
        share = self.config.mtl_ema
        mean: torch.Tensor = share * features.mean(0) + (1.0 - share) * self.embeddings[domain]
        self.embeddings[domain] = mean.detach()
        return mean

    def beside(self, features: torch.Tensor, embedding: torch.Tensor) -> torch.Tensor:
        """[B, D] and [D] -> [B, 2 D]."""
        import torch

        return torch.cat([features, embedding.expand_as(features)], dim=1)

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        features = self.featurizer(inputs)
        logits: torch.Tensor = self.classifier(self.beside(features, features.mean(0)))
        return logits


SPEC = declare(
    "mtl-mean",
    MTLMean,
    "MTL by its paper: a classifier of each feature beside the mean feature of its domain.",
    ("Blanchard et al. 2021, arXiv 1711.07910",),
    config=MTLMeanConfig,
    transductive=True,
)
