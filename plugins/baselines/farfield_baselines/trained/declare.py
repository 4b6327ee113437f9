"""From a recipe to the method that is registered: on the platform's features, or on images with any network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from farfield import Base, Choice, Images, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims
from farfield.runtime.loops import parts_asked
from farfield_baselines.backbones import (
    CLIP_PAPER,
    LITE0_CLAIMS,
    LITE0_FEATURES,
    LITE0_PAPER,
    MINI_CLIP_CLAIMS,
    MINI_CLIP_FEATURES,
)
from farfield_baselines.trained.config import ImageConfig, TrainConfig, images_of, on_features, on_images
from farfield_baselines.trained.core import Recipe, Trained

IMAGES = Images(size=224, interpolation="bilinear")


@dataclass(frozen=True)
class Builder:
    """What a spec's `build` is."""

    recipe: type[Recipe]
    held: type[Trained] = Trained

    def __call__(self, context: RunContext) -> Trained:
        return self.held(self.recipe, context)


@dataclass(frozen=True, kw_only=True)
class First:
    """What of a recipe is trained first: by which function, and the settings of training that it depends on.

    `only` is as in `farfield.Base`. features: off where it is shared on images alone; on features a network is
    trained in about the seconds that another process takes.
    """

    train: Callable[..., Mapping[str, Any]]
    config: type
    only: Mapping[str, Any] = field(default_factory=dict)
    features: bool = False

    def base(self, joined: type) -> Base:
        """As a method declares it whose settings of training and of its network are `joined`."""
        return Base(train=self.train, config=joined, only=self.only)


@dataclass(frozen=True, kw_only=True)
class _Learned:
    """What a method claims alike with each of its inputs. See `farfield.TrackClaims`."""

    departs: tuple[str, ...]
    unlabeled: bool


def declare(
    name: str,
    recipe: type[Recipe],
    title: str,
    papers: tuple[str, ...],
    *,
    config: type = TrainConfig,
    image_config: type | None = None,
    network: type = ImageConfig,
    held: type[Trained] = Trained,
    first: First | None = None,
    family: TaskFamily = TaskFamily.CLASSIFICATION,
    departs: tuple[str, ...] = (),
    memory_gib: float = 1.0,
    images_gib: float = 19.0,
) -> MethodSpec:
    """The spec of a recipe, on Lite0's features (the default), on the mini CLIP's, or on images with any featurizer.

    `title` is a noun phrase without a full stop: "`title`, on ..." is the summary. `image_config` is in place of
    `config` on images, for what has other defaults there; `network` are the settings of the network on them.
    `first` is what is shared with others that begin alike.
    `departs` are those of `farfield.departures`; `memory_gib` is of a run on features, `images_gib` of one on images.
    """
    learned = _Learned(departs=departs, unlabeled="unlabeled" in parts_asked(held))
    on_rows = first.base(on_features(first.config)) if first and first.features else None
    on_pixels = first.base(on_images(first.config, network)) if first else None
    return MethodSpec(
        name=name,
        family=family,
        summary=f"{title}, on frozen EfficientNet-Lite0 features.",
        build=Builder(recipe, held),
        inputs=LITE0_FEATURES,
        claims=replace(LITE0_CLAIMS, **vars(learned)),
        config=on_features(config),
        resources=Resources(memory_gib=memory_gib, minutes=30.0),
        batch_size=256,
        stochastic=True,
        papers=(*papers, LITE0_PAPER),
        licence="Apache-2.0",
        input_name="lite0",
        base=on_rows,
        choices={
            "mini-clip": replace(_on_mini_clip(title, papers, learned), base=on_rows),
            "images": replace(
                _on_images(title, papers, learned, on_images(image_config or config, network), images_gib),
                base=on_pixels,
            ),
        },
    )


def declare_on_images(
    name: str,
    recipe: type[Recipe],
    title: str,
    papers: tuple[str, ...],
    *,
    config: type,
    network: type = ImageConfig,
    held: type[Trained] = Trained,
    family: TaskFamily = TaskFamily.CLASSIFICATION,
    memory_gib: float = 19.0,
) -> MethodSpec:
    """The spec of a recipe that is made for images alone, with any featurizer; `title` as in `declare`."""
    return MethodSpec(
        name=name,
        family=family,
        summary=f"{title}, on images with any network.",
        build=Builder(recipe, held),
        inputs=IMAGES,
        inputs_for=images_of,
        claims=TrackClaims(
            backbone="as configured", pretraining=("imagenet-1k",), unlabeled="unlabeled" in parts_asked(held)
        ),
        config=on_images(config, network),
        resources=Resources(memory_gib=memory_gib, minutes=720.0),
        batch_size=64,
        stochastic=True,
        papers=papers,
        licence="Apache-2.0",
    )


def _on_mini_clip(title: str, papers: tuple[str, ...], learned: _Learned) -> Choice:
    return Choice(
        inputs=MINI_CLIP_FEATURES,
        summary=f"{title}, on the mini CLIP's frozen image embeddings.",
        claims=replace(MINI_CLIP_CLAIMS, **vars(learned)),
        papers=(*papers, CLIP_PAPER),
    )


def _on_images(title: str, papers: tuple[str, ...], learned: _Learned, config: type, memory_gib: float) -> Choice:
    return Choice(
        inputs=IMAGES,
        summary=f"{title}, on images with any network.",
        claims=TrackClaims(backbone="as configured", pretraining=("imagenet-1k",), **vars(learned)),
        config=config,
        resources=Resources(memory_gib=memory_gib, minutes=720.0),
        batch_size=64,
        papers=papers,
        inputs_for=images_of,
    )
