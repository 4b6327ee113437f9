"""CSI: a contrast in which a turned image is of another class (Tack et al. 2020, arXiv 2007.08176)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.ood_training.core import Detecting, DetectorConfig, detector_on_images
from farfield_baselines.trained.core import Setup, Stage, TensorBatch

if TYPE_CHECKING:
    import torch
    from torch import nn

WIDTH = 128  # of the projection
TURNS = 4


@dataclass(frozen=True, kw_only=True)
class Config(DetectorConfig):
    """How long the contrast and the classifier are trained."""

    epochs: int = setting(30, ge=1, le=1000, help="Passes over the training split of the contrast; OpenOOD has 700.")
    classifier_epochs: int = setting(10, ge=1, le=1000, help="Passes of the classifier; OpenOOD has 100.")
    temperature: float = setting(0.07, ge=0.001, le=10.0, help="Cosines are divided by it, as in OpenOOD.")


class ContrastOfTurns(Detecting):
    """First the network by the contrast of classes and turns; then one classifier of both on what it has learned.

    The logits are the mean over the turns of those for an image turned so; the score is their highest probability.
    """

    def __init__(self, setup: Setup) -> None:
        from torch import nn

        super().__init__(setup)
        width = self.featurizer.width
        layers = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, WIDTH))
        self.projection = self.part("projection", layers)

    def make_classifier(self) -> nn.Module:
        """Of each class in each turn."""
        from torch import nn

        return nn.Linear(self.featurizer.width, TURNS * self.setup.outputs)

    def stages(self) -> Sequence[Stage]:
        config = self.config
        return [
            Stage(epochs=config.epochs, name="contrast", trained=("featurizer", "projection"), loss=self.contrast),
            Stage(epochs=config.classifier_epochs, name="classifier", trained=("classifier",), loss=self.classified),
        ]

    def turned(self, batch: TensorBatch) -> tuple[torch.Tensor, torch.Tensor]:
        """The images in all turns, and the number of class and turn of each."""
        import torch

        from farfield_baselines.networks.ood_losses import rotated

        labels = [batch.labels + turn * self.setup.outputs for turn in range(TURNS)]
        return rotated(batch.inputs), torch.cat(labels)

    def contrast(self, batch: TensorBatch) -> torch.Tensor:
        """Two random views of every turn, alike where class and turn are."""
        import torch
        from torch.nn import functional

        from farfield_baselines.networks.augmentation import augment
        from farfield_baselines.networks.ood_contrast import supervised

        turned, labels = self.turned(batch)
        views = torch.cat([augment(turned, torch.default_generator) for _ in range(2)])
        rows = functional.normalize(self.projection(self.featurizer(views)), dim=1)
        return supervised(rows, labels.repeat(2), self.config.temperature)

    def classified(self, batch: TensorBatch) -> torch.Tensor:
        """The cross-entropy of class and turn."""
        from torch.nn import functional

        turned, labels = self.turned(batch)
        return functional.cross_entropy(self.classifier(self.featurizer(turned)), labels)

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        import torch

        from farfield_baselines.networks.ood_losses import rotated

        classes, outputs = self.setup.outputs, self.classifier(self.featurizer(rotated(inputs)))
        own = [part[:, turn * classes :][:, :classes] for turn, part in enumerate(outputs.split(len(inputs)))]
        return torch.stack(own).mean(dim=0)


SPEC = detector_on_images(
    "csi",
    ContrastOfTurns,
    "A contrast of classes and quarter turns (CSI)",
    ("Tack et al. 2020, arXiv 2007.08176",),
    Config,
)
