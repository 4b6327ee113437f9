"""From a recipe to the method that is registered: on the small network, or with ResNet-50 by the setting `input`."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from functools import cache

from farfield import Choice, Images, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims
from farfield.runtime.loops import parts_asked
from farfield_baselines.backbones import LITE0_CLAIMS, LITE0_PAPER
from farfield_baselines.detection.config import DetectorConfig, ResNetConfig
from farfield_baselines.detection.core import Detector, Held, Recipe

WHOLE = Images(crop="none")
RCNN, PYRAMID = "Ren et al. 2015, arXiv 1506.01497", "Lin et al. 2017, arXiv 1612.03144"


@dataclass(frozen=True, kw_only=True)
class NoSettings:
    """A recipe without settings of its own."""


@dataclass(frozen=True)
class Builder:
    """What a spec's `build` is."""

    recipe: type[Recipe]
    network: str
    held: type[Held]

    def __call__(self, context: RunContext) -> Held:
        return self.held(self.recipe, self.network, context)


def declare(
    name: str,
    recipe: type[Recipe],
    title: str,
    papers: tuple[str, ...] = (),
    *,
    settings: type = NoSettings,
    held: type[Held] = Detector,
) -> MethodSpec:
    """The spec of a recipe. `title` is a noun phrase without a full stop.

    `settings` are those of the recipe alone; `held` is what the runner holds, whose `fit` says what is learned from.
    """
    unlabeled = "unlabeled" in parts_asked(held)
    resnet = Choice(
        inputs=WHOLE,
        summary=f"{title}, with ResNet-50 and a feature pyramid as WILDS trains it; weights come from a file.",
        build=Builder(recipe, "resnet50-fpn", held),
        claims=TrackClaims(backbone="resnet50-fpn", pretraining=("imagenet-1k", "coco"), unlabeled=unlabeled),
        config=with_settings(ResNetConfig, settings),
        resources=Resources(gpu=True, memory_gib=16.0, minutes=1440.0),
        papers=(*papers, RCNN, PYRAMID),
    )
    return MethodSpec(
        name=name,
        family=TaskFamily.DETECTION,
        summary=f"{title}, small: a pyramid on the frozen trunk of EfficientNet-Lite0.",
        build=Builder(recipe, "lite0", held),
        inputs=WHOLE,
        claims=replace(LITE0_CLAIMS, unlabeled=unlabeled),
        config=with_settings(DetectorConfig, settings),
        resources=Resources(memory_gib=3.0, minutes=720.0),
        batch_size=8,
        stochastic=True,
        papers=(*papers, RCNN, PYRAMID, LITE0_PAPER),
        licence="Apache-2.0",
        input_name="lite0",
        choices={"resnet50-fpn": resnet},
    )


@cache
def with_settings(config: type, settings: type) -> type:
    """The settings of the network and of training, and then the recipe's own."""
    if settings is NoSettings:
        return config
    made = dataclasses.make_dataclass(
        f"{settings.__name__}On{config.__name__}", [], bases=(settings, config), frozen=True, kw_only=True
    )
    made.__doc__, made.__module__ = config.__doc__, __name__
    return made
