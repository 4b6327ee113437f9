"""SAE: a network that knows the look of its images from that of mixtures (Yang et al. 2022, arXiv 2204.05306)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.ood_training.core import Detecting, DetectorConfig, detector_on_images
from farfield_baselines.trained.core import Setup, Stage, TensorBatch

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Config(DetectorConfig):
    """OpenOOD's settings."""

    components: int = setting(3, ge=1, le=1000, help="Components of the look, at most a quarter of the images.")
    dim: int = setting(50, ge=1, le=4096, help="Main directions of the look, at most a quarter of the images.")
    alpha: float = setting(0.5, ge=0.001, le=100.0, help="Both parameters of the beta that shares are drawn of.")
    plain: float = setting(0.5, ge=0.0, le=1e3, help="Weight of the cross-entropy of images.")
    mixtures: float = setting(0.5, ge=0.0, le=1e3, help="Weight of that of mixtures of two images.")
    source: float = setting(
        0.1, ge=0.0, le=1e3, help="Weight of a likely look of images, and of an unlikely one of mixtures."
    )


class SourceAware(Detecting):
    """A look is what the first convolution says, channel means and variances; its density a Gaussian mixture.

    The mixture is of the training images before training, and stays. The score is the highest probability.
    """

    def __init__(self, setup: Setup) -> None:
        from torch import nn

        super().__init__(setup)
        first = next((part for part in self.featurizer.modules() if isinstance(part, nn.Conv2d)), None)
        if first is None:
            raise ValueError("featurizer: SAE looks at the first convolution, and this network has none")
        self.first = first

    def stages(self) -> Sequence[Stage]:
        return [Stage(epochs=self.config.epochs, before=self.describe)]

    def describe(self) -> None:
        """Fit the mixture to the training images."""
        import torch

        from farfield_baselines.networks.ood_losses import Density
        from farfield_baselines.ood_detection.gmm import described

        rows = self.over(self.setup.train, lambda inputs: self.seen(inputs)[1]).astype("float64")
        mixture, basis = described(rows, self.config.dim, self.config.components)
        parts: tuple[Any, ...] = (mixture.weights, mixture.means, mixture.precision, basis)
        weights, means, precision, directions = (torch.from_numpy(p).float().to(self.setup.device) for p in parts)
        self.density = Density(weights=weights, means=means, precision=precision, basis=directions)

    def seen(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(logits [B, C], the look [B, 2 channels])."""
        from farfield_baselines.networks.watching import statistic, watched

        with watched([self.first], lambda output: statistic(output, "stat")) as looks:
            logits = self.logits(inputs)
        return logits, looks[0]

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        import torch
        from torch.nn import functional

        from farfield_baselines.networks.ood_losses import soft_cross_entropy
        from farfield_baselines.networks.outliers import mixed

        config, other = self.config, torch.randperm(len(batch.labels)).to(batch.labels.device)
        share = float(torch.distributions.Beta(config.alpha, config.alpha).sample())
        known = functional.one_hot(batch.labels, self.setup.outputs).float()
        logits, look = self.seen(batch.inputs)
        of_mixtures, mixed_look = self.seen(mixed(batch.inputs, batch.inputs[other], share))
        risk: torch.Tensor = config.plain * self.errors(logits, batch).mean()
        risk += config.mixtures * soft_cross_entropy(of_mixtures, mixed(known, known[other], share))
        source: torch.Tensor = config.source * (1 - self.density(look).mean() + self.density(mixed_look).mean())
        return risk + source


SPEC = detector_on_images(
    "sae",
    SourceAware,
    "A network that knows the look of its images from that of mixtures (SAE)",
    ("Yang et al. 2022, arXiv 2204.05306",),
    Config,
)
