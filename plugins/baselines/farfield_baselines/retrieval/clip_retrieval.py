"""Captions and images in the one space of a CLIP model (Radford et al. 2021, arXiv 2103.00020, section 3.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from farfield import RunContext, TaskFamily
from farfield_baselines.backbones import CLIP_PAPER
from farfield_baselines.clip_methods import ModelConfig, prompt_tower
from farfield_baselines.embeddings import declare, embedder


@dataclass(frozen=True, kw_only=True)
class MiniClipConfig:
    """Nothing to set: captions are the benchmark's, as they are."""

    model: ClassVar[str] = "mini-clip"
    pretrained: ClassVar[str] = ""
    checkpoint: ClassVar[str] = ""


class ClipRetrieval:
    """Nothing is learned; a caption that is longer than the model reads is cut, as open_clip's tokenizer does."""

    def __init__(self, context: RunContext) -> None:
        self._embed, self._tower = embedder(context), prompt_tower(context)

    def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit embeddings float32 [M, D]."""
        return self._tower.embed_prompts(texts)

    def embed_images(self, inputs: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Unit image embeddings [B, D] as they are, or uint8 [B, H, W, 3] -> unit embeddings float32 [B, D]."""
        return self._embed(inputs)


SPEC = declare(
    "clip-retrieval",
    ClipRetrieval,
    "CLIP, captions and images by the cosine of their embeddings",
    (CLIP_PAPER,),
    {"mini-clip": MiniClipConfig, "clip": ModelConfig},
    memory_gib=1.5,
    family=TaskFamily.RETRIEVAL,
    learns=False,
)
