"""The settings of an algorithm on ready features: a small perceptron in the place of its network.

The platform computes the features once for a data set. A run then trains for seconds, so that a whole sweep fits a
computer without a GPU. What is compared is the algorithm alone: all have the same features, perceptron and steps.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, get_type_hints

from farfield import setting
from farfield_baselines.generalization.core import Config, NetworkConfig

if TYPE_CHECKING:
    from torch import nn

FIRST_RATE = 1e-3  # DomainBed's for small images: nothing large is fine-tuned here


@dataclass(frozen=True, kw_only=True)
class PerceptronConfig:
    """The network on the features."""

    hidden_layers: int = setting(1, ge=0, le=8, help="Layers with ReLU before the classifier; 0 is a linear model.")
    hidden_width: int = setting(64, ge=1, le=4096, help="Width of each of these layers.")
    resnet_dropout: float = setting(0.0, ge=0.0, le=0.9, help="Dropout before the classifier.")
    nonlinear_classifier: bool = setting(False, help="A classifier of three layers instead of one.")

    data_augmentation: ClassVar[bool] = False
    UNTRAINED: ClassVar[str] = "hidden_layers: this algorithm trains the layers before the classifier; give it one"

    def network(self, shape: tuple[int, ...]) -> nn.Module:
        """The layers before the classifier, for inputs of the shape (D,)."""
        from farfield_baselines.networks.featurizers import on_vectors

        return on_vectors(shape[0], self.hidden_width, self.hidden_layers, self.resnet_dropout)

    @classmethod
    def alike(cls, config: type) -> type:
        """Another algorithm's configuration for ready features."""
        return on_features(config)


@dataclass(frozen=True, kw_only=True)
class FeaturesConfig(PerceptronConfig):
    """The perceptron, and Adam over all of it."""

    lr: float = setting(FIRST_RATE, ge=0.0, le=1.0, help="Learning rate of Adam.")
    weight_decay: float = setting(0.0, ge=0.0, le=1.0, help="L2 penalty in Adam.")


@cache
def on_features(config: type) -> type:
    """An algorithm's configuration with the perceptron's settings in place of the network's.

    Its own settings keep their names, defaults and bounds; learning rates start at that of small networks.
    """
    base = FeaturesConfig if issubclass(config, Config) else PerceptronConfig
    left_out = {f.name for of in (NetworkConfig, base) for f in dataclasses.fields(of)}
    hints = get_type_hints(config)
    own = [(f.name, hints[f.name], _faster(f)) for f in dataclasses.fields(config) if f.name not in left_out]
    name = f"{config.__name__}OnFeatures"
    made = dataclasses.make_dataclass(name, own, bases=(base,), frozen=True, kw_only=True)
    made.__doc__, made.__module__ = config.__doc__, __name__
    return made


def _faster(field: dataclasses.Field[Any]) -> Any:
    """The field as it is, or with the rate of small networks where it is the rate of a whole network."""
    if field.default != Config.lr or field.name not in {"lr_g", "lr_d"}:
        return dataclasses.field(default=field.default, metadata=field.metadata)
    return dataclasses.field(default=FIRST_RATE, metadata=field.metadata)
