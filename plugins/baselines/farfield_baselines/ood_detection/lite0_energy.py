"""Energy score (Liu et al. 2020, arXiv 2010.03759, section 3)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import MethodSpec, Resources, RunContext, TaskFamily, setting
from farfield_baselines.backbones import LITE0_CLAIMS, LITE0_FEATURES, LITE0_PAPER
from farfield_baselines.imagenet import ImageNetHead
from farfield_baselines.numerics import logsumexp


@dataclass(frozen=True, kw_only=True)
class Config:
    """The score's temperature."""

    temperature: float = setting(1.0, ge=0.01, le=1000.0, help="T of T * log sum exp(logit / T); the paper uses 1.")


class Energy:
    """The negative free energy over the ID classes, T * logsumexp(logits / T)."""

    def __init__(self, context: RunContext) -> None:
        self._temperature: float = context.config.temperature
        self._head = ImageNetHead(context)

    def score(self, features: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]:
        """float32 [B, 1280] -> (score [B], logits [B, C])."""
        logits = self._head(features)
        return self._temperature * logsumexp(logits / self._temperature), logits


SPEC = MethodSpec(
    name="lite0-energy",
    family=TaskFamily.OOD_DETECTION,
    summary="Energy score of EfficientNet-Lite0 over the ID classes.",
    build=Energy,
    inputs=LITE0_FEATURES,
    claims=LITE0_CLAIMS,
    config=Config,
    resources=Resources(memory_gib=1.0, minutes=10.0),
    batch_size=256,
    papers=("Liu et al. 2020, arXiv 2010.03759", LITE0_PAPER),
    licence="Apache-2.0",
)
