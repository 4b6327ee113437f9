"""CLIP without training: the nearest class by its prompts (Radford et al. 2021, arXiv 2103.00020, section 3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from farfield import Batch
from farfield_baselines.backbones import CLIP_PAPER
from farfield_baselines.generalization.clip import AsTheyAre, ClipConfig, OnClip, declare
from farfield_baselines.generalization.core import Environment


@dataclass(frozen=True, kw_only=True)
class ZeroShotConfig(AsTheyAre, ClipConfig):
    """The model and the prompts."""


class ClipZeroShot(OnClip):
    """Nothing is trained: a step looks at no image, and its only figure is the number of trained parameters, 0."""

    remember = True

    def make_optimizer(self) -> None:
        self.classifier.requires_grad_(False)

    def prepare(self, minibatches: Sequence[Batch]) -> Sequence[Batch]:
        return ()

    def step(self, environments: Sequence[Environment]) -> dict[str, Any]:
        return {"trained": 0.0}


SPEC = declare(
    "zero-shot",
    ClipZeroShot,
    "Any CLIP model, zero-shot: each class is an ensemble of prompts, and no domain is trained on.",
    (CLIP_PAPER,),
    ZeroShotConfig,
    minutes=120.0,
)
