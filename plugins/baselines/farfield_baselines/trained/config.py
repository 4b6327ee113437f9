"""The settings of training, and of the network on either kind of input, without a line of torch.

The names and the choices are those of WILDS' training script (Koh et al. 2021, arXiv 2012.07421, appendix E).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

from farfield import Images, setting
from farfield_baselines.generalization.core import FeaturizerConfig
from farfield_baselines.generalization.on_features import PerceptronConfig

if TYPE_CHECKING:
    import torch
    from torch import nn

OPTIMIZERS = ("adam", "adamw", "sgd")
SCHEDULES = ("none", "step", "cosine", "linear", "fixmatch")
SELECTIONS = ("last", "average", "worst-domain", "worst-group", "macro-f1")
SELECT = "Figure on the benchmark's validation split that says which epoch is kept; last without such a split."
NORMALISATIONS = ("weights", "per-image", "none")
AUGMENTATIONS = ("none", "domainbed", "rxrx1", "poverty", "weak", "randaugment", "augmix", "cutout")


@dataclass(frozen=True, kw_only=True)
class LoopConfig:
    """How long, by which optimizer, and which epoch is kept."""

    epochs: int = setting(20, ge=1, le=1000, help="Passes over the training split.")
    batch: int = setting(32, ge=1, le=4096, help="Examples a step; fewer where the training split has fewer.")
    weight_decay: float = setting(0.0, ge=0.0, le=1.0, help="L2 penalty in the optimizer; decoupled in adamw.")
    optimizer: str = setting("adam", choices=OPTIMIZERS, help="Which optimizer.")
    momentum: float = setting(0.9, ge=0.0, le=0.999, help="Momentum of sgd.")
    schedule: str = setting("none", choices=SCHEDULES, help="How the learning rate moves.")
    gamma: float = setting(0.96, ge=0.0, le=1.0, help="Factor of the schedule step after each epoch.")
    warm_up: int = setting(0, ge=0, le=1_000_000, help="Steps of linear warm-up of the schedules cosine and linear.")
    select: str = setting("average", choices=SELECTIONS, help=SELECT)


@dataclass(frozen=True, kw_only=True)
class TrainConfig(LoopConfig):
    """The same, with one learning rate for all."""

    lr: float = setting(1e-3, ge=0.0, le=10.0, help="Learning rate.")


@dataclass(frozen=True, kw_only=True)
class ImageConfig(FeaturizerConfig):
    """The network on images, what size they are, and what happens to them before it."""

    image_size: int = setting(224, ge=8, le=1024, help="Pixels of the square that the network sees.")
    normalisation: str = setting(
        "weights",
        choices=NORMALISATIONS,
        help="Channel statistics: those of the featurizer's weights, each image's own, or none.",
    )
    augmentation: str = setting("none", choices=AUGMENTATIONS, help="Random changes of the training images.")

    def resolved(self) -> Self:
        """The settings that hold: all that are set."""
        return self

    def network(self, shape: tuple[int, ...]) -> nn.Module:
        """The featurizer for inputs of this shape, (C, H, W); it normalises only where the setting says so."""
        from farfield_baselines.networks.featurizers import Featurizer

        made = super().network(shape)
        if self.normalisation != "weights" and isinstance(made, Featurizer):
            made.mean, made.std = made.mean[:0], made.std[:0]
        return made

    def prepared(self, inputs: torch.Tensor) -> torch.Tensor:
        """What the network sees of inputs [B, C, H, W], in training and at test."""
        from farfield_baselines.networks.pixels import standardised

        return standardised(inputs) if self.normalisation == "per-image" else inputs

    def augmented(self, inputs: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Training inputs [B, C, H, W] after the random changes that are set."""
        from farfield_baselines.trained.augmentation import AUGMENTED

        return AUGMENTED[self.augmentation](inputs, generator)


@dataclass(frozen=True, kw_only=True)
class FeatureConfig(PerceptronConfig):
    """The perceptron on the platform's features; nothing happens to them before it."""

    hidden_width: int = setting(256, ge=1, le=4096, help="Width of each of these layers.")

    UNTRAINED: ClassVar[str] = "hidden_layers: this method trains the layers before the classifier; give it one"

    def resolved(self) -> Self:
        return self

    def prepared(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs

    def augmented(self, inputs: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        return inputs


@cache
def on_images(config: type, network: type = ImageConfig) -> type:
    """A method's settings, after those of the network on images."""
    return _joined(config, network, "OnImages")


@cache
def on_features(config: type) -> type:
    """A method's settings, after those of the perceptron on features."""
    return _joined(config, FeatureConfig, "OnFeatures")


def _joined(config: type, network: type, suffix: str) -> type:
    made = dataclasses.make_dataclass(
        f"{config.__name__}{suffix}", [], bases=(config, network), frozen=True, kw_only=True
    )
    made.__doc__, made.__module__ = config.__doc__, __name__
    return made


def with_preset(config: Any, presets: Mapping[str, Mapping[str, Any]]) -> Any:
    """The configuration with the values of the preset that its setting `preset` names, wherever it has defaults."""
    known = {field.name: field.default for field in dataclasses.fields(config)}
    left = {name: value for name, value in presets.get(config.preset, {}).items() if name in known}
    values = {name: value for name, value in left.items() if getattr(config, name) == known[name]}
    return dataclasses.replace(config, preset="none", **values)


def images_of(config: Any) -> Images:
    """The images that one configuration takes: the shorter side scaled to the square, as WILDS' `image_base`."""
    return Images(size=config.resolved().image_size, interpolation="bilinear")
