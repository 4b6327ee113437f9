"""RotPred: the network also tells by how much an image is turned (Hendrycks et al. 2019, arXiv 1906.12340)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farfield_baselines.ood_training.core import Detecting, detector_on_images
from farfield_baselines.trained.core import Setup, TensorBatch

if TYPE_CHECKING:
    import torch


class RotationPrediction(Detecting):
    """Cross-entropy of classes as images are, and of quarter turns; the score counts how well both are told."""

    def __init__(self, setup: Setup) -> None:
        from torch import nn

        super().__init__(setup)
        self.rotation = self.part("rotation", nn.Linear(self.featurizer.width, 4))

    def both(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(logits [B, C] of images as they are, logits [4B, 4] of their turns)."""
        from farfield_baselines.networks.ood_losses import rotated

        features = self.featurizer(rotated(inputs))
        return self.classifier(features[: len(inputs)]), self.rotation(features)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        from torch.nn import functional

        from farfield_baselines.networks.ood_losses import rotations

        logits, turned = self.both(batch.inputs)
        told = functional.cross_entropy(turned, rotations(len(logits), logits.device))
        return self.errors(logits, batch).mean() + told

    def judge(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        from farfield_baselines.networks.ood_losses import rotation_score

        logits, turned = self.both(inputs)
        return rotation_score(logits, turned), logits


SPEC = detector_on_images(
    "rot-pred",
    RotationPrediction,
    "Classes and quarter turns told at once (RotPred)",
    ("Hendrycks et al. 2019, arXiv 1906.12340",),
)
