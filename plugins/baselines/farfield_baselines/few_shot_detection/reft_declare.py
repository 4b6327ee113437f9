"""From a query-based segmenter to the method that is registered: small, or of Mask2Former's sizes by `input`."""

from __future__ import annotations

from dataclasses import dataclass

from farfield import Choice, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims
from farfield_baselines.backbones import LITE0_CLAIMS, LITE0_PAPER
from farfield_baselines.detection.declare import WHOLE, NoSettings, with_settings
from farfield_baselines.few_shot_detection.query_based import QueryBased
from farfield_baselines.few_shot_detection.reft_config import LargeConfig, SegmenterConfig

LITE0, RESNET50 = "lite0", "resnet50"
MASK2FORMER, MASKFORMER = "Cheng et al. 2022, arXiv 2112.01527", "Cheng et al. 2021, arXiv 2107.06278"


@dataclass(frozen=True)
class Builder:
    """What a spec's `build` is."""

    trunk: str

    def __call__(self, context: RunContext) -> QueryBased:
        return QueryBased(self.trunk, context)


def declare(
    name: str,
    title: str,
    papers: tuple[str, ...] = (),
    *,
    settings: type = NoSettings,
    large: type = NoSettings,
) -> MethodSpec:
    """The spec of a query-based segmenter. `title` is a noun phrase without a full stop.

    `settings` are the method's own beside those of the network and its training, `large` the same with the defaults of
    the large one.
    """
    papers = (*papers, MASK2FORMER, MASKFORMER)
    of_mask2former = Choice(
        inputs=WHOLE,
        summary=f"{title}, of Mask2Former's sizes on ResNet-50; weights come from a file.",
        build=Builder(RESNET50),
        claims=TrackClaims(backbone=RESNET50, pretraining=("imagenet-1k",)),
        config=with_settings(LargeConfig, large),
        resources=Resources(gpu=True, memory_gib=32.0, minutes=14_400.0),
        papers=papers,
    )
    return MethodSpec(
        name=name,
        family=TaskFamily.FEW_SHOT_DETECTION,
        summary=f"{title}, small: on the frozen trunk of EfficientNet-Lite0.",
        build=Builder(LITE0),
        inputs=WHOLE,
        claims=LITE0_CLAIMS,
        config=with_settings(SegmenterConfig, settings),
        resources=Resources(memory_gib=2.5, minutes=120.0),
        batch_size=8,
        stochastic=True,
        papers=(*papers, LITE0_PAPER),
        licence="Apache-2.0",
        input_name=LITE0,
        choices={RESNET50: of_mask2former},
    )
