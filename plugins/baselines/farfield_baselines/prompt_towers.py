"""Prompts embedded for a method on frozen image embeddings: by the platform, which keeps them, or else by the model.

Nothing here imports torch, and the model is only loaded where the platform has no embeddings of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from farfield import RunContext
from farfield_baselines.backbones import CLIP, MINI_CLIP
from farfield_baselines.prompts import fill, shared_names

if TYPE_CHECKING:
    from farfield_baselines.networks.clip import Clip

Floats = npt.NDArray[np.float32]


class PromptTower:
    """The text side of a CLIP model. `load` gives the model, and is called at most once."""

    def __init__(self, context: RunContext, network: tuple[str, Mapping[str, str]], load: Callable[[], Clip]) -> None:
        self._texts, self._network, self._load = context.texts, network, load
        self._clip: Clip | None = None
        self._scale: float | None = None

    @property
    def scale(self) -> float:
        """The exponential of the learned logit scale."""
        return self.clip.scale if self._scale is None else self._scale

    @property
    def clip(self) -> Clip:
        """The model itself."""
        if self._clip is None:
            self._clip = self._load()
        return self._clip

    def embed_prompts(self, prompts: Sequence[str]) -> Floats:
        """Unit embeddings float32 [P, D]; equal prompts are embedded once, so they are equal to the last bit."""
        different = list(dict.fromkeys(prompts))
        places = {prompt: place for place, prompt in enumerate(different)}
        return self._embedded(different)[[places[prompt] for prompt in prompts]]

    def embed_classes(self, names: Sequence[str], templates: Sequence[str]) -> Floats:
        """Unit embeddings float32 [C, D]: of a class the mean of its prompts', normalised again (CLIP, section 3.1.4).

        Names that classes share are noted in the log.
        """
        remark = shared_names(names)
        if remark:
            print(f"class names: {remark}", flush=True)
        rows = self.embed_prompts([fill(template, name) for name in names for template in templates])
        mean = rows.reshape(len(names), len(templates), -1).mean(axis=1)
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True))

    def classifier(self, names: Sequence[str], templates: Sequence[str]) -> Floats:
        """Zero-shot weight float32 [C, D] on unit image embeddings: `embed_classes` times `scale`."""
        rows = self.embed_classes(names, templates)
        return np.float32(self.scale) * rows

    def _embedded(self, prompts: Sequence[str]) -> Floats:
        told = self._texts.embed(*self._network, prompts) if self._texts else None
        if told is None:
            return self.clip.embed_prompts(prompts)
        self._scale = told.scale
        return told.embeddings


def network_of(model: str, pretrained: str = "", checkpoint: str = "") -> tuple[str, Mapping[str, str]]:
    """(the backbone, its settings) that a CLIP model is to the platform, as `any_clip` has it.

    >>> network_of("mini-clip")
    ('mini-clip', {})
    >>> network_of("ViT-B-32", "openai")
    ('clip', {'model': 'ViT-B-32', 'pretrained': 'openai'})
    """
    more = {"pretrained": pretrained, "checkpoint": checkpoint}
    named = {name: value for name, value in more.items() if value}
    if model == MINI_CLIP.name and not named:
        return MINI_CLIP.name, {}
    return CLIP.name, {"model": model, **named}
