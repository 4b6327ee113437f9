"""Maximum logit (Hendrycks et al. 2022, arXiv 1911.11132, section 4)."""

from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import MethodSpec, Resources, RunContext, TaskFamily
from farfield_baselines.backbones import LITE0_CLAIMS, LITE0_FEATURES, LITE0_PAPER
from farfield_baselines.imagenet import ImageNetHead


class MaxLogit:
    """The highest logit over the ID classes, not normalised."""

    def __init__(self, context: RunContext) -> None:
        self._head = ImageNetHead(context)

    def score(self, features: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """float32 [B, 1280] -> (score [B], logits [B, C])."""
        logits = self._head(features)
        return logits.max(axis=1), logits


SPEC = MethodSpec(
    name="lite0-max-logit",
    family=TaskFamily.OOD_DETECTION,
    summary="Maximum logit of EfficientNet-Lite0 over the ID classes.",
    build=MaxLogit,
    inputs=LITE0_FEATURES,
    claims=LITE0_CLAIMS,
    resources=Resources(memory_gib=1.0, minutes=10.0),
    batch_size=256,
    papers=("Hendrycks et al. 2022, arXiv 1911.11132", LITE0_PAPER),
    licence="Apache-2.0",
)
