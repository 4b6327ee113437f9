"""What CausIRL's two forms share (Chevalley et al. 2022, arXiv 2206.11646): two mixtures of all domains, alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from farfield_baselines.generalization.alignment import AlignmentConfig
from farfield_baselines.generalization.core import Algorithm, Environment, cross_entropy

if TYPE_CHECKING:
    import torch


class CausIRL(Algorithm):
    """The mean risk, and the distance of the features of two parts, each with some images of every domain."""

    def gap(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """The distance of features [B1, D] and [B2, D], of two rows each at least; a scalar."""
        raise AssertionError("an algorithm of CausIRL's says what its distance is")

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        import torch

        config: AlignmentConfig = self.config
        features = [self.featurizer(e.inputs) for e in environments]
        pairs = zip(features, environments, strict=True)
        risk = torch.stack([cross_entropy(self.classifier(f), e.labels) for f, e in pairs]).mean()
        cuts = [drawn_cut(len(f)) for f in features]
        first = torch.cat([f[:cut] for f, cut in zip(features, cuts, strict=True)])
        second = torch.cat([f[cut:] for f, cut in zip(features, cuts, strict=True)])
        gap = self.gap(first, second) if min(len(first), len(second)) > 1 else risk * 0.0
        # The record's "loss" is the risk alone, as in DomainBed.
        return risk + config.mmd_gamma * gap, {"loss": risk, "penalty": gap}


def drawn_cut(count: int) -> int:
    """How many of a domain's images go to the first part, from 0 to count - 1."""
    import torch

    return int(torch.randint(count, ()))
