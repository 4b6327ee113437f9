"""Deep CORAL (Sun & Saenko 2016, arXiv 1607.01719) over all pairs of a batch's groups, as WILDS has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.groups.declare import method
from farfield_baselines.groups.grouping import GroupLoaderConfig, split
from farfield_baselines.groups.with_unlabeled import WithUnlabeled
from farfield_baselines.trained.core import TensorBatch, TrainedWithUnlabeled

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class CORALConfig(GroupLoaderConfig):
    """How much the distance counts."""

    coral_weight: float = setting(1.0, ge=0.0, le=1e4, help="Weight of the distance between the groups' features.")


class CORAL(WithUnlabeled):
    """The risk, and how far the means and covariances of the groups' features are apart.

    With unlabeled examples their groups are among the pairs.
    """

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        import torch

        inputs, groups = self.with_unlabeled(batch)
        features = self.featurizer(inputs)
        risk = self.errors(self.classifier(features[: len(batch.labels)]), batch).mean()
        gaps = self.gaps(split(features, groups))
        return risk + self.config.coral_weight * torch.stack(gaps).mean() if gaps else risk

    def gaps(self, features: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """The distance of each pair of groups, from their features [B, D] each."""
        from farfield_baselines.generalization.coral import moments_apart

        return [moments_apart(first, second) for first, second in combinations(features, 2)]


TITLE = "Deep CORAL: the risk, and how far apart the moments of the groups' features are"
PAPER = "Sun & Saenko 2016, arXiv 1607.01719"
SPEC = method("wilds-coral", CORAL, TITLE, (PAPER,), config=CORALConfig, held=TrainedWithUnlabeled)
