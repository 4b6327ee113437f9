"""PALM: each class is a mixture of prototypes on the sphere (Lu et al. 2024, arXiv 2402.02653)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.ood_training.core import DetectorConfig, detector
from farfield_baselines.ood_training.nearest_class import WIDTH, NearestClass
from farfield_baselines.trained.core import Setup, TensorBatch

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Config(DetectorConfig):
    """OpenOOD's settings."""

    prototypes: int = setting(6, ge=1, le=100, help="Prototypes of a class.")
    nearest: int = setting(5, ge=1, le=100, help="Of how many an image has a share, at most all of its class.")
    momentum_of_prototypes: float = setting(
        0.9, ge=0.0, le=1.0, help="What a prototype keeps at each step; OpenOOD has 0.999 at 512 images a step."
    )
    temperature: float = setting(0.1, ge=0.001, le=10.0, help="Cosines are divided by it.")
    epsilon: float = setting(0.05, ge=0.001, le=10.0, help="Cosines are divided by it where shares are assigned.")
    rounds: int = setting(3, ge=1, le=100, help="Rounds of the assignment.")
    prototype_contrast: float = setting(1.0, ge=0.0, le=1e3, help="Weight of the contrast between prototypes.")


class PALM(NearestClass):
    """Projections near those prototypes of their class that they have a share in."""

    def __init__(self, setup: Setup) -> None:
        import torch
        from torch.nn import functional

        super().__init__(setup)
        prototypes = functional.normalize(torch.rand(setup.outputs * self.config.prototypes, WIDTH), dim=1)
        self.prototypes = prototypes.to(setup.device)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        from farfield_baselines.networks.ood_contrast import mixtures, prototypes_apart

        config, classes = self.config, self.setup.outputs
        of_images, moved = mixtures(
            self.projected(batch.inputs),
            self.prototypes,
            batch.labels,
            classes,
            config.temperature,
            momentum=config.momentum_of_prototypes,
            nearest=min(config.nearest, config.prototypes),
            epsilon=config.epsilon,
            rounds=config.rounds,
        )
        self.prototypes = moved.detach()
        loss: torch.Tensor = of_images + config.prototype_contrast * prototypes_apart(moved, classes)
        return loss


SPEC = detector(
    "palm",
    PALM,
    "Classes as mixtures of prototypes, and the distance to the nearest class (PALM)",
    ("Lu et al. 2024, arXiv 2402.02653",),
    Config,
)
