"""UDG: outliers in clusters of one class are learned as that class (Yang et al. 2021, arXiv 2108.11941)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from farfield import TrainingSet, setting
from farfield_baselines.ood_training import purity
from farfield_baselines.ood_training.core import NeedsOutliers, detector
from farfield_baselines.ood_training.outliers import OutlierConfig, WithOutliers
from farfield_baselines.trained.core import Ints, Setup, TensorBatch

if TYPE_CHECKING:
    import torch

PER_CLUSTER = 4  # examples, at least


@dataclass(frozen=True, kw_only=True)
class Config(OutlierConfig):
    """OpenOOD's settings."""

    clusters: int = setting(1000, ge=1, le=100000, help="Clusters, at most a quarter of all images.")
    dim: int = setting(256, ge=1, le=4096, help="Main directions of the features that are clustered.")
    pure: float = setting(0.8, ge=0.0, le=1.0, help="Share of one label above which a whole cluster has it.")
    foreign: float = setting(0.8, ge=0.0, le=1.0, help="Share of outliers in another above which they count more.")
    boost: float = setting(2.0, ge=0.0, le=1e3, help="How much more.")
    weight: float = setting(0.5, ge=0.0, le=1e3, help="Weight of being uniform on outliers.")
    grouped: float = setting(0.1, ge=0.0, le=1e3, help="Weight of telling the clusters.")


class UnsupervisedDualGrouping(WithOutliers):
    """Cross-entropy, also of outliers that a pure cluster names; uniform on the others; clusters told by a second head.

    Clusters are found anew before each epoch, and the second head starts anew.
    """

    def __init__(self, setup: Setup) -> None:
        from torch import nn

        super().__init__(setup)
        total = len(setup.train) + len(self.outside)
        self.count = max(1, min(self.config.clusters, total // PER_CLUSTER))
        self.second: Any = self.part("second", nn.Linear(self.featurizer.width, self.count))
        self.named: Ints = np.full(len(self.outside), purity.UNKNOWN)

    def order(self, train: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        self.regroup(epoch)
        return super().order(train, epoch, rng)

    def regroup(self, epoch: int) -> None:
        """Cluster all images as the network sees them now, and name outliers by their clusters."""
        import torch
        from torch import nn

        config, count = self.config, len(self.setup.train)
        rows = np.concatenate([self.over(part, self.featurizer) for part in (self.setup.train, self.outside)])
        rng = np.random.default_rng([self.setup.seed, epoch])
        clusters = purity.clustered(rows, self.count, config.dim, rng)
        labels = np.concatenate([self.setup.train.labels, self.named])
        renamed, weights = purity.sorted_out(labels, clusters, config.pure, config.foreign, config.boost)
        self.named = renamed[count:]
        device = self.setup.device
        evened = torch.from_numpy(purity.evened(clusters, self.count)).float().to(device)
        of_all = torch.from_numpy(clusters).to(device)
        self.clusters, self.evened = (of_all[:count], of_all[count:]), (evened[:count], evened[count:])
        self.names = torch.from_numpy(self.named).to(device)
        self.weights = torch.from_numpy(weights[count:]).float().to(device)
        nn.init.normal_(self.second.weight, std=0.01)
        nn.init.zeros_(self.second.bias)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        import torch

        from farfield_baselines.networks.ood_losses import dual_grouping

        others = self.stream.next()
        features = self.featurizer(torch.cat([batch.inputs, others.inputs]))
        own, of_others = batch.positions, others.positions
        return dual_grouping(
            self.classifier(features),
            torch.cat([batch.labels, self.names[of_others]]),
            torch.cat([torch.ones(len(own), device=features.device), self.weights[of_others]]),
            self.second(features),
            torch.cat([self.clusters[0][own], self.clusters[1][of_others]]),
            torch.cat([self.evened[0][own], self.evened[1][of_others]]),
            (self.config.weight, self.config.grouped),
        )


SPEC = detector(
    "udg",
    UnsupervisedDualGrouping,
    "Outliers of which clusters say which are none (UDG)",
    ("Yang et al. 2021, arXiv 2108.11941",),
    Config,
    held=NeedsOutliers,
)
