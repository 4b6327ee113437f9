"""Maximum concept matching (Ming et al. 2022, arXiv 2211.13445, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from farfield import Choice, Resources, RunContext, setting
from farfield.numerics import softmax
from farfield_baselines.backbones import CLIP_PAPER, MINI_CLIP_CLAIMS, MINI_CLIP_FEATURES
from farfield_baselines.ood_detection.core import Known, OnFeatures, PostHoc, Rule, Score, post_hoc, zero_shot_head
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.prompt_towers import PromptTower, network_of
from farfield_baselines.prompts import HELP, templates

if TYPE_CHECKING:
    from farfield_baselines.networks.clip import Clip

PAPER = "Ming et al. 2022, arXiv 2211.13445"


@dataclass(frozen=True, kw_only=True)
class Config:
    """The softmax's temperature."""

    tau: float = setting(1.0, ge=0.001, le=1000.0, help="Cosines are divided by it; the paper uses 1.")


@dataclass(frozen=True, kw_only=True)
class MiniClipConfig(Config):
    """The softmax's temperature, and the prompts."""

    templates: str = setting("single", help=HELP)


def mcm(known: Known, config: Config) -> Score:
    """The highest softmax over cosines / tau between the image and the names of the ID classes, in (0, 1].

    On a classifier, whose scale is 1, its logits stand in for the cosines.
    """
    return lambda seen: softmax(seen.logits / np.float32(known.head.scale * config.tau)).max(axis=1)


def on_mini_clip(context: RunContext) -> PostHoc:
    """The method on the platform's mini CLIP embeddings."""
    tower = PromptTower(context, network_of("mini-clip"), _mini_clip)
    classes = tower.embed_classes(context.class_names, templates(context.config.templates))
    return post_hoc(RULE, OnFeatures(head=zero_shot_head(classes, tower.scale)), context.config)


def _mini_clip() -> Clip:
    from farfield_baselines.networks.mini_clip import MiniClip

    return MiniClip()


RULE = Rule(make=mcm, fits=False)
DETECTOR = Detector(name="mcm", title="Maximum concept matching", rule=RULE, config=Config, papers=(PAPER,))
ON_MINI_CLIP = Choice(
    inputs=MINI_CLIP_FEATURES,
    summary="Maximum concept matching with the mini CLIP, zero-shot.",
    build=on_mini_clip,
    claims=MINI_CLIP_CLAIMS,
    config=MiniClipConfig,
    resources=Resources(memory_gib=1.5, minutes=10.0),
    batch_size=256,
    papers=(PAPER, CLIP_PAPER),
)
SPEC = DETECTOR.on_any(model="mini-clip", mini_clip=ON_MINI_CLIP)
