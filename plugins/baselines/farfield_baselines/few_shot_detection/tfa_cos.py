"""TFA with a cosine classifier (Wang et al. 2020, arXiv 2003.06957): `TFA w/ cos` of the authors' tables."""

from __future__ import annotations

from dataclasses import dataclass

from farfield import setting
from farfield_baselines.few_shot_detection.declare import declare
from farfield_baselines.few_shot_detection.tfa_fc import TFA
from farfield_baselines.few_shot_detection.two_stage import OnResNet, TwoStage, TwoStageConfig

SCALE = "What cosines are multiplied with."


@dataclass(frozen=True, kw_only=True)
class CosineConfig(TwoStageConfig):
    """The same, and the scale of cosines."""

    scale: float = setting(20.0, ge=0.1, le=1000.0, help=SCALE)


@dataclass(frozen=True, kw_only=True)
class CosineOnResNet(OnResNet):
    """The same, and the scale of cosines."""

    scale: float = setting(20.0, ge=0.1, le=1000.0, help=SCALE)


class Cosine(TwoStage):
    """Cosines at the end; before a joint phase the novel classes are learned linearly, as the authors do on COCO."""

    final, first = "cosine", "fc"


SPEC = declare(
    "tfa-cos",
    Cosine,
    "Two-stage fine-tuning of a detector's last layers with a cosine classifier",
    (TFA,),
    settings=CosineConfig,
    large=CosineOnResNet,
)
