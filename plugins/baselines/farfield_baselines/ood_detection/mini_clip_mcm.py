"""Maximum concept matching (Ming et al. 2022, arXiv 2211.13445, section 3)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import MethodSpec, Resources, RunContext, TaskFamily, setting
from farfield_baselines.backbones import CLIP_PAPER, MINI_CLIP_CLAIMS, MINI_CLIP_FEATURES
from farfield_baselines.numerics import softmax
from farfield_baselines.prompts import HELP
from farfield_baselines.zero_shot import class_embeddings


@dataclass(frozen=True, kw_only=True)
class Config:
    """The softmax's temperature, and the prompts."""

    tau: float = setting(1.0, ge=0.001, le=1000.0, help="Cosines are divided by it; the paper uses 1.")
    templates: str = setting("single", help=HELP)


class MCM:
    """The highest softmax over cosines / tau between the image and the names of the ID classes."""

    def __init__(self, context: RunContext) -> None:
        self._tau: float = context.config.tau
        self._classes, self._scale = class_embeddings(context)

    def score(self, features: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]:
        """Unit image embeddings float32 [B, 192] -> (score [B] in (0, 1], zero-shot logits [B, C])."""
        cosines = features @ self._classes.T
        return softmax(cosines / self._tau).max(axis=1), self._scale * cosines


SPEC = MethodSpec(
    name="mini-clip-mcm",
    family=TaskFamily.OOD_DETECTION,
    summary="Maximum concept matching with the mini CLIP, zero-shot.",
    build=MCM,
    inputs=MINI_CLIP_FEATURES,
    claims=MINI_CLIP_CLAIMS,
    config=Config,
    resources=Resources(memory_gib=1.5, minutes=10.0),
    batch_size=256,
    papers=("Ming et al. 2022, arXiv 2211.13445", CLIP_PAPER),
    licence="Apache-2.0",
)
