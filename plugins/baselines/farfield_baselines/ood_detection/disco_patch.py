"""DisCoPatch: a discriminator of patches, normalised by those of one image (Caetano et al. 2025, arXiv 2501.08005)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from farfield import RunContext, TrainingSet, setting
from farfield.errors import ConfigError, ProtocolError
from farfield_baselines.ood_detection.core import Floats
from farfield_baselines.ood_detection.declare import ModelConfig, image_spec, on_lite0_images, with_model

if TYPE_CHECKING:
    import torch

    from farfield_baselines.ood_detection.models import Network

PAPERS = ("Caetano et al. 2025, arXiv 2501.08005",)


@dataclass(frozen=True, kw_only=True)
class Config:
    """A small one. The paper's settings stand in the help."""

    patch: int = setting(32, ge=16, le=256, help="Pixels of a patch's side, a multiple of 16; the paper's is 64.")
    images: int = setting(16, ge=2, le=1024, help="Images a step; the paper's are 67.")
    patches: int = setting(16, ge=1, le=256, help="Patches of each; the paper's are 48.")
    rows: int = setting(8, ge=2, le=32, help="Rows and columns of patches at test; the paper has 64 patches, 8 x 8.")
    width: int = setting(16, ge=2, le=512, help="Channels after the first of four halvings; the paper's are 128.")
    latent: int = setting(64, ge=1, le=4096, help="Values of a patch's code; the paper's are 1024.")
    epochs: int = setting(20, ge=1, le=10000, help="Passes over the training images; the paper's are 80.")
    lr: float = setting(5e-4, ge=1e-7, le=1.0, help="Learning rate of Adam; the paper's is 0.000085.")
    divergence: float = setting(1e-4, ge=0.0, le=1e3, help="Weight of the code's divergence, the paper's.")
    deceiving: float = setting(1e-3, ge=0.0, le=1e3, help="Weight of each deception, the paper's.")

    def __post_init__(self) -> None:
        if self.patch % 16:
            raise ConfigError([f"patch: {self.patch} is no multiple of 16"])


class Adversaries:
    """An autoencoder that draws patches, and a discriminator that tells them from those of images."""

    def __init__(self, channels: int, config: Any, device: str) -> None:
        import torch

        from farfield_baselines.networks.patches import Autoencoder, discriminator

        self._config, self._device = config, device
        self.drawing = Autoencoder(channels, config.patch, config.width, config.latent).to(device)
        self.telling = discriminator(channels, config.patch, config.width).to(device)
        self._optimizers = [torch.optim.Adam(part.parameters(), lr=config.lr) for part in (self.drawing, self.telling)]

    def step(self, patches: torch.Tensor) -> None:
        """Each learns from patches [B, C, S, S] in -1..1 once: first what draws, then what tells, of the same draws."""
        from torch.nn import functional

        from farfield_baselines.networks.patches import deceived

        config, (of_drawing, of_telling) = self._config, self._optimizers
        redrawn, divergence = self.drawing(patches)
        drawn = self.drawing.drawn(len(patches), patches.device)
        deceiving = sum(deceived(self.telling(part), real=True) for part in (redrawn, drawn))
        error = functional.mse_loss(redrawn, patches) + config.divergence * divergence
        _descend(of_drawing, error + config.deceiving * deceiving)
        unreal = sum(deceived(self.telling(part.detach()), real=False) for part in (redrawn, drawn)) / 2
        _descend(of_telling, deceived(self.telling(patches), real=True) + unreal)

    def realness(self, image: torch.Tensor) -> float:
        """How real an image [C, H, W] in -1..1 looks, 0..1: the mean over its patches, which are one batch."""
        import torch

        from farfield_baselines.networks.patches import even_patches

        with torch.no_grad():
            return float(self.telling(even_patches(image, self._config.patch, self._config.rows)).sigmoid().mean())


def _descend(optimizer: torch.optim.Optimizer, loss: Any) -> None:
    from farfield_baselines.trained.loop import descend

    descend(optimizer, loss)


class DisCoPatch:
    """The classification stays the model's; the score is trained on ID training images without their labels."""

    def __init__(self, network: Network, config: Any, context: RunContext) -> None:
        self._network, self._config, self._context = network, config, context
        self._adversaries: Adversaries | None = None

    def fit(self, train: TrainingSet) -> None:
        from farfield_baselines.networks.patches import random_patches
        from farfield_baselines.networks.seeding import seeded

        config, context = self._config, self._context
        with seeded(context.device, context.seed) as rng:
            self._adversaries = Adversaries(3, config, context.device)
            for epoch in range(config.epochs):
                for batch in train.batches(config.images, shuffle=True, seed=context.seed + epoch):
                    self._adversaries.step(
                        random_patches(self._images(batch.inputs), config.patch, config.patches, rng)
                    )
                context.progress(epoch + 1, config.epochs)

    def score(self, images: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """uint8 [B, H, W, 3] -> (score [B], logits [B, C]). Raises ProtocolError before `fit`."""
        if self._adversaries is None:
            raise ProtocolError("this detector is trained on ID training images, and the benchmark gives none")
        scores = [self._adversaries.realness(image) for image in self._images(images)]
        return np.array(scores), self._network.see(images).logits

    def _images(self, images: npt.NDArray[Any]) -> torch.Tensor:
        """uint8 [B, H, W, 3] -> [B, 3, H, W] in -1..1."""
        import torch

        if min(images.shape[1:3]) < self._config.patch:
            raise ConfigError([f"patch: {self._config.patch} is more than the {min(images.shape[1:3])} of an image"])
        pixels = torch.from_numpy(np.ascontiguousarray(images)).to(self._context.device)
        return pixels.permute(0, 3, 1, 2).float() / 127.5 - 1.0


def on_lite0(context: RunContext) -> DisCoPatch:
    """The method beside the shipped classifier."""
    return _on(ModelConfig(), context)


def on_any(context: RunContext) -> DisCoPatch:
    """The method beside the configured model."""
    return _on(context.config, context)


def _on(model: Any, context: RunContext) -> DisCoPatch:
    from farfield_baselines.ood_detection.models import open_model

    return DisCoPatch(open_model(model, context), context.config, context)


TITLE = "Discriminator of patches (DisCoPatch) beside a classifier"
SPEC = replace(
    image_spec(
        name="disco-patch",
        summary=f"{TITLE}, any timm or open_clip model.",
        build=on_any,
        config=with_model(Config),
        papers=PAPERS,
        choices={"lite0": on_lite0_images(TITLE, on_lite0, Config, PAPERS)},
    ),
    stochastic=True,
)
