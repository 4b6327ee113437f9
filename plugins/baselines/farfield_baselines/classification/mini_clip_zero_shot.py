"""Zero-shot classification by prompts (Radford et al. 2021, arXiv 2103.00020, section 3.1)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import MethodSpec, Resources, RunContext, TaskFamily, setting
from farfield_baselines.backbones import CLIP_PAPER, MINI_CLIP_CLAIMS, MINI_CLIP_FEATURES
from farfield_baselines.prompts import HELP
from farfield_baselines.zero_shot import class_embeddings


@dataclass(frozen=True, kw_only=True)
class Config:
    """The prompts."""

    templates: str = setting("ensemble", help=HELP)


class ZeroShot:
    """Cosines between image and class name, times the learned scale; no training image is used."""

    def __init__(self, context: RunContext) -> None:
        embeddings, scale = class_embeddings(context)
        self._weight = scale * embeddings

    def predict(self, features: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Unit image embeddings float32 [B, 192] -> logits float32 [B, C]."""
        return np.asarray(features @ self._weight.T)


SPEC = MethodSpec(
    name="mini-clip-zero-shot",
    family=TaskFamily.CLASSIFICATION,
    summary="The mini CLIP, zero-shot: each class is an ensemble of prompts.",
    build=ZeroShot,
    inputs=MINI_CLIP_FEATURES,
    claims=MINI_CLIP_CLAIMS,
    config=Config,
    resources=Resources(memory_gib=1.5, minutes=10.0),
    batch_size=256,
    papers=(CLIP_PAPER,),
    licence="Apache-2.0",
)
