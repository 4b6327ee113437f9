"""Zero-shot classification by prompts, for any CLIP model (Radford et al. 2021, arXiv 2103.00020, section 3.1)."""

from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import RunContext
from farfield_baselines.backbones import CLIP_PAPER
from farfield_baselines.clip_methods import PromptConfig, declare, load, zero_shot_weight


class ZeroShot:
    """Cosines between image and class, times the learned scale; no training image is used."""

    def __init__(self, context: RunContext) -> None:
        self._clip = load(context)
        self._weight = zero_shot_weight(context, self._clip)

    def predict(self, images: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """uint8 [B, H, W, 3] -> logits float32 [B, C]."""
        return np.asarray(self._clip.embed_images(images) @ self._weight.T)


SPEC = declare(
    "clip-zero-shot",
    ZeroShot,
    "Any CLIP model, zero-shot: each class is an ensemble of prompts.",
    (CLIP_PAPER,),
    PromptConfig,
)
