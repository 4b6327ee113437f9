"""RankFeat (Song et al. 2022, arXiv 2209.08590, section 3): the largest singular component of feature maps goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.ood_detection.core import Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.energy import negative_energy

if TYPE_CHECKING:
    import torch

    from farfield_baselines.ood_detection.models import Network


@dataclass(frozen=True, kw_only=True)
class Config:
    """The temperature of the energy score."""

    temperature: float = setting(1.0, ge=0.01, le=1000.0, help="T of T * log sum exp(logit / T); the paper uses 1.")


def without_the_first(maps: torch.Tensor) -> torch.Tensor:
    """Feature maps [B, C, H, W], or tokens [B, N, C], less the component of the largest singular value."""
    import torch

    left, lengths, right = torch.linalg.svd(maps.flatten(2), full_matrices=False)
    first = lengths[:, :1, None] * left[:, :, :1] @ right[:, :1]
    rest: torch.Tensor = maps - first.view_as(maps)
    return rest


def look(network: Network, pixels: torch.Tensor, _: Config) -> Seen:
    """Inside: the mean of two logits, one without it in what is pooled, one without it after the last stage but one."""
    import torch

    from farfield_baselines.ood_detection.inside import altered, body_of, seen_with, stage

    body = body_of(network)
    with torch.no_grad():
        maps = body.maps(pixels)
        last = network.classified(body.pooled(without_the_first(maps)))
        with altered(stage(network, -2), without_the_first):
            before = network.logits(pixels)
        return seen_with(network, body.pooled(maps), (last + before) / 2)


def rankfeat(_: Known, config: Config) -> Score:
    """The energy score of those logits."""
    return lambda seen: negative_energy(seen.inside[0], config.temperature)


RULE = Rule(make=rankfeat, fits=False, look=look, maps=True)
DETECTOR = Detector(
    name="rankfeat",
    title="Feature maps without their largest singular component (RankFeat)",
    rule=RULE,
    config=Config,
    papers=("Song et al. 2022, arXiv 2209.08590",),
)
SPEC = DETECTOR.spec
