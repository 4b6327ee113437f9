"""CIDER: compact classes far apart on the sphere, and a neighbour's distance (Ming et al. 2023, arXiv 2203.04450)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.ood_training.core import DetectorConfig, detector
from farfield_baselines.ood_training.nearest_class import WIDTH, Projecting
from farfield_baselines.trained.core import Setup, Stage, TensorBatch

if TYPE_CHECKING:
    import torch

TEMPERATURES = (0.07, 0.1)  # OpenOOD's base temperatures of the two losses


@dataclass(frozen=True, kw_only=True)
class Config(DetectorConfig):
    """OpenOOD's settings, and which neighbour counts."""

    momentum_of_prototypes: float = setting(0.95, ge=0.0, le=1.0, help="What a prototype keeps at each image.")
    temperature: float = setting(0.1, ge=0.001, le=10.0, help="Cosines are divided by it.")
    compact: float = setting(2.0, ge=0.0, le=1e3, help="Weight of the compactness.")
    disperse: float = setting(1.0, ge=0.0, le=1e3, help="Weight of the dispersion.")
    k: int = setting(50, ge=1, le=10000, help="Which neighbour's distance is the score, at most the farthest.")


class CIDER(Projecting):
    """Prototypes move with the images. The logits are cosines with them, over the temperature."""

    def __init__(self, setup: Setup) -> None:
        import torch

        super().__init__(setup)
        self.prototypes = torch.zeros(setup.outputs, WIDTH, device=setup.device)
        self.bank = torch.zeros(0, self.featurizer.width)

    def stages(self) -> Sequence[Stage]:
        return [Stage(epochs=self.config.epochs, before=self.place_prototypes)]

    def place_prototypes(self) -> None:
        """Each class's mean projection of the training images, of unit length."""
        import torch
        from torch.nn import functional

        rows = torch.from_numpy(self.over(self.setup.train, self.projected))
        labels = torch.from_numpy(self.setup.train.labels)
        sums = torch.zeros(len(self.prototypes), WIDTH).index_add_(0, labels, rows)
        self.prototypes = functional.normalize(sums, dim=1).to(self.setup.device)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        return self.on_sphere(self.projected(batch.inputs), batch)

    def on_sphere(self, rows: torch.Tensor, batch: TensorBatch) -> torch.Tensor:
        """The loss of unit projections [B, 128]; the prototypes move."""
        from farfield_baselines.networks.ood_losses import compactness, dispersion, moved

        config = self.config
        prototypes = moved(self.prototypes, rows, batch.labels, config.momentum_of_prototypes)
        self.prototypes = prototypes.detach()
        near, far = (config.temperature / base for base in TEMPERATURES)
        pulled = compactness(rows, self.prototypes, batch.labels, config.temperature)
        apart: torch.Tensor = config.disperse * far * dispersion(prototypes, config.temperature)
        compact: torch.Tensor = config.compact * near * pulled
        return compact + apart

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        cosines: torch.Tensor = self.projected(inputs) @ self.prototypes.T
        return cosines / float(self.config.temperature)

    def finish(self) -> None:
        import torch

        self.bank = torch.from_numpy(self.over(self.setup.train, self.features)).to(self.setup.device)

    def judge(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        import torch

        distances = torch.cdist(self.features(inputs), self.bank)
        return -distances.kthvalue(min(self.config.k, len(self.bank)), dim=1).values, self.logits(inputs)


SPEC = detector(
    "cider",
    CIDER,
    "Compact classes far apart on the sphere, and the distance to a neighbour (CIDER)",
    ("Ming et al. 2023, arXiv 2203.04450", "Sun et al. 2022, arXiv 2204.06507"),
    Config,
)
