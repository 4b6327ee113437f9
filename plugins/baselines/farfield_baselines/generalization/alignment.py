"""Features of the training domains made alike, pair by pair: CORAL and MMD share all but the distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Config, Environment, cross_entropy

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class AlignmentConfig(Config):
    """How much the distance counts."""

    mmd_gamma: float = setting(1.0, ge=0.0, le=1e4, help="Weight of the distance between the domains' features.")


class Alignment(Algorithm):
    """The mean risk over domains, and the mean distance over pairs of domains."""

    def gaps(self, features: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """The distance of each pair of domains, from their features [B, D] each."""
        raise AssertionError("an alignment says what its distance is")

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        import torch

        config: AlignmentConfig = self.config
        features = [self.featurizer(e.inputs) for e in environments]
        pairs = list(zip(features, environments, strict=True))
        risk = torch.stack([cross_entropy(self.classifier(f), e.labels) for f, e in pairs]).mean()
        gaps = self.gaps(features)
        gap = torch.stack(gaps).mean() if gaps else risk * 0.0
        # The record's "loss" is the risk alone, as in DomainBed.
        return risk + config.mmd_gamma * gap, {"loss": risk, "penalty": gap}
