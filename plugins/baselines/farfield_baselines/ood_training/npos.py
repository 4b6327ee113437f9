"""NPOS: CIDER's sphere, and outliers drawn beyond the neighbours of images (Tao et al. 2023, arXiv 2303.02966)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.ood_training import cider
from farfield_baselines.ood_training.core import detector
from farfield_baselines.ood_training.nearest_class import WIDTH
from farfield_baselines.trained.core import Setup, TensorBatch

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Config(cider.Config):
    """OpenOOD's settings."""

    compact: float = setting(1.0, ge=0.0, le=1e3, help="Weight of the compactness.")
    disperse: float = setting(0.5, ge=0.0, le=1e3, help="Weight of the dispersion.")
    loss_weight: float = setting(0.1, ge=0.0, le=1e3, help="Weight of telling images from outliers.")
    start_share: float = setting(0.4, ge=0.0, le=1.0, help="Share of the epochs before outliers are drawn.")
    queue_size: int = setting(
        1000, ge=2, le=100000, help="Features of each class that outliers are drawn about, the latest."
    )
    neighbour: int = setting(300, ge=1, le=10000, help="Whose distance says how far out a feature is.")
    boundary: int = setting(200, ge=1, le=100000, help="Features of a class at its boundary, the farthest out.")
    pick_nums: int = setting(2, ge=1, le=1000, help="Of these, how many outliers are drawn about at each step.")
    sample_from: int = setting(600, ge=1, le=100000, help="Draws about each.")
    outliers: int = setting(200, ge=1, le=100000, help="Of these, how many are outliers, the farthest out.")
    spread: float = setting(0.1, ge=0.0, le=100.0, help="Deviation of the draws.")


class NPOS(cider.CIDER):
    """A small network on the features tells them from outliers, too."""

    def __init__(self, setup: Setup) -> None:
        from torch import nn

        from farfield_baselines.networks.outliers import Beyond, Latest

        super().__init__(setup)
        config, width = self.config, self.featurizer.width
        telling = nn.Sequential(nn.Linear(width, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 1))
        self.inside = self.part("inside", telling)
        self.memory = Latest(setup.outputs, width, config.queue_size, setup.device)
        self.beyond = Beyond(
            k=config.neighbour,
            boundary=config.boundary,
            centres=config.pick_nums,
            draws=config.sample_from,
            outliers=config.outliers,
            spread=config.spread,
        )

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        from torch.nn import functional

        features = self.featurizer(batch.inputs)
        self.memory.remember(features, batch.labels)
        loss = self.on_sphere(functional.normalize(self.classifier(features), dim=1), batch)
        if self.steps < self.config.start_share * self.config.epochs * -(-len(self.setup.train) // self.config.batch):
            return loss
        outside: torch.Tensor = self.config.loss_weight * self.telling(features)
        return loss + outside

    def telling(self, features: torch.Tensor) -> torch.Tensor:
        """The cross-entropy of telling features [B, D] from outliers."""
        import torch
        from torch.nn import functional

        outliers = torch.cat([self.beyond.drawn(rows) for rows in self.memory.rows if len(rows)])
        logits = self.inside(torch.cat([features, outliers]))[:, 0]
        inside = torch.cat([torch.ones(len(features)), torch.zeros(len(outliers))]).to(logits.device)
        return functional.binary_cross_entropy_with_logits(logits, inside)


SPEC = detector(
    "npos",
    NPOS,
    "Outliers drawn beyond the neighbours of images, and the distance to a neighbour (NPOS)",
    ("Tao et al. 2023, arXiv 2303.02966",),
    Config,
)
