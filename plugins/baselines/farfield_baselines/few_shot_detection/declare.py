"""From a few-shot detector to the method that is registered: small, or with a ResNet by the setting `input`."""

from __future__ import annotations

from dataclasses import dataclass

from farfield import Choice, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims
from farfield_baselines.backbones import LITE0_CLAIMS, LITE0_PAPER
from farfield_baselines.detection.declare import PYRAMID, RCNN, WHOLE, NoSettings, with_settings
from farfield_baselines.few_shot_detection.config import FewShotConfig, ResNetConfig
from farfield_baselines.few_shot_detection.core import Held

LITE0 = "lite0"
RESNETS = {"resnet50-fpn": "ResNet-50", "resnet101-fpn": "ResNet-101"}


@dataclass(frozen=True)
class Builder:
    """What a spec's `build` is."""

    held: type[Held]
    network: str

    def __call__(self, context: RunContext) -> Held:
        return self.held(self.network, context)


def declare(
    name: str,
    held: type[Held],
    title: str,
    papers: tuple[str, ...],
    *,
    settings: type = NoSettings,
    large: type | None = None,
) -> MethodSpec:
    """The spec of a few-shot detector. `title` is a noun phrase without a full stop.

    `settings` are the method's own beside those of the network and its base training, `large` the same with the
    defaults for a ResNet.
    """
    choices = {network: _on_resnet(held, network, title, papers, large or settings) for network in RESNETS}
    return MethodSpec(
        name=name,
        family=TaskFamily.FEW_SHOT_DETECTION,
        summary=f"{title}, small: a pyramid on the frozen trunk of EfficientNet-Lite0.",
        build=Builder(held, LITE0),
        inputs=WHOLE,
        claims=LITE0_CLAIMS,
        config=with_settings(FewShotConfig, settings),
        resources=Resources(memory_gib=2.5, minutes=120.0),
        batch_size=8,
        stochastic=True,
        papers=(*papers, RCNN, PYRAMID, LITE0_PAPER),
        licence="Apache-2.0",
        input_name=LITE0,
        choices=choices,
    )


def _on_resnet(held: type[Held], network: str, title: str, papers: tuple[str, ...], settings: type) -> Choice:
    return Choice(
        inputs=WHOLE,
        summary=f"{title}, with {RESNETS[network]} and a feature pyramid; weights come from a file.",
        build=Builder(held, network),
        claims=TrackClaims(backbone=network, pretraining=("imagenet-1k",)),
        config=with_settings(ResNetConfig, settings),
        resources=Resources(gpu=True, memory_gib=32.0, minutes=14_400.0),
        papers=(*papers, RCNN, PYRAMID),
    )
