"""Maximum softmax probability (Hendrycks & Gimpel 2017, arXiv 1610.02136, section 3)."""

from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import MethodSpec, Resources, RunContext, TaskFamily
from farfield_baselines.backbones import LITE0_CLAIMS, LITE0_FEATURES, LITE0_PAPER
from farfield_baselines.imagenet import ImageNetHead
from farfield_baselines.numerics import softmax


class MSP:
    """The highest probability over the ID classes."""

    def __init__(self, context: RunContext) -> None:
        self._head = ImageNetHead(context)

    def score(self, features: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]:
        """float32 [B, 1280] -> (score [B] in (0, 1], logits [B, C])."""
        logits = self._head(features)
        return softmax(logits).max(axis=1), logits


SPEC = MethodSpec(
    name="lite0-msp",
    family=TaskFamily.OOD_DETECTION,
    summary="Maximum softmax probability of EfficientNet-Lite0 over the ID classes.",
    build=MSP,
    inputs=LITE0_FEATURES,
    claims=LITE0_CLAIMS,
    resources=Resources(memory_gib=1.0, minutes=10.0),
    batch_size=256,
    papers=("Hendrycks & Gimpel 2017, arXiv 1610.02136", LITE0_PAPER),
    licence="Apache-2.0",
)
