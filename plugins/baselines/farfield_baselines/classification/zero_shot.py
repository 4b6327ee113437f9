"""Zero-shot classification by prompts (Radford et al. 2021, arXiv 2103.00020, section 3.1)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from farfield import RunContext, setting
from farfield_baselines.backbones import CLIP_PAPER
from farfield_baselines.clip_methods import PromptConfig, prompt_tower, zero_shot_weight
from farfield_baselines.embeddings import declare, embedder
from farfield_baselines.prompts import HELP


@dataclass(frozen=True, kw_only=True)
class MiniClipConfig:
    """The prompts, of the benchmark's names."""

    templates: str = setting("ensemble", help=HELP)

    model: ClassVar[str] = "mini-clip"
    pretrained: ClassVar[str] = ""
    checkpoint: ClassVar[str] = ""
    class_names: ClassVar[str] = "benchmark"


class ZeroShot:
    """Cosines between image and class, times the learned scale; no training image is used."""

    def __init__(self, context: RunContext) -> None:
        self._embed = embedder(context)
        self._weight = zero_shot_weight(context, prompt_tower(context))

    def predict(self, inputs: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Unit image embeddings [B, D] or uint8 [B, H, W, 3] -> logits float32 [B, C]."""
        return np.asarray(self._embed(inputs) @ self._weight.T)


SPEC = declare(
    "zero-shot",
    ZeroShot,
    "CLIP, zero-shot by an ensemble of prompts for each class",
    (CLIP_PAPER,),
    {"mini-clip": MiniClipConfig, "clip": PromptConfig},
    memory_gib=1.5,
    learns=False,
)
