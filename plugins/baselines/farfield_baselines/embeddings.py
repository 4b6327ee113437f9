"""What a classifier on frozen embeddings needs to run on those of any of them: the platform's features, or any CLIP's.

Such a method is one class that asks `embedder` for its embeddings, and one `declare` with a configuration for each of
the inputs that it takes. The platform computes features once for a data set; a CLIP model embeds images in the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import Choice, Features, Images, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims, TrainingSet
from farfield_baselines.backbones import (
    CLIP_PAPER,
    LITE0_CLAIMS,
    LITE0_FEATURES,
    LITE0_PAPER,
    MINI_CLIP_CLAIMS,
    MINI_CLIP_FEATURES,
    any_clip,
)
from farfield_baselines.clip_methods import CLAIMS, IMAGES, LARGE, ModelConfig, inputs_for, load

Floats = npt.NDArray[np.float32]
Embed = Callable[[npt.NDArray[Any]], npt.NDArray[Any]]


@dataclass(frozen=True, kw_only=True)
class _Source:
    """Where embeddings come from; `of` ends the summary of a method on them."""

    inputs: Images | Features
    of: str
    claims: TrackClaims
    paper: str


SOURCES: Mapping[str, _Source] = {
    "lite0": _Source(
        inputs=LITE0_FEATURES, of="frozen EfficientNet-Lite0 features", claims=LITE0_CLAIMS, paper=LITE0_PAPER
    ),
    "mini-clip": _Source(
        inputs=MINI_CLIP_FEATURES,
        of="the mini CLIP's frozen image embeddings",
        claims=MINI_CLIP_CLAIMS,
        paper=CLIP_PAPER,
    ),
    "clip": _Source(inputs=IMAGES, of="any CLIP model's frozen image embeddings", claims=CLAIMS, paper=CLIP_PAPER),
}


def embedder(context: RunContext) -> Embed:
    """From what the run is given, [B, ...], to embeddings [B, D]: itself where the platform has embedded it."""
    if not isinstance(context.config, ModelConfig):
        return np.asarray
    model = cache(lambda: load(context))  # once it is needed
    return lambda inputs: inputs if inputs.ndim == 2 else model().embed_images(inputs)


def embedded(embed: Embed, train: TrainingSet, batch: int = 64) -> Floats:
    """Embeddings float32 [N, D] of the training split, in its order."""
    return np.concatenate([embed(part.inputs) for part in train.batches(batch)])


def declare(
    name: str,
    build: Callable[[RunContext], Any],
    title: str,
    papers: tuple[str, ...],
    configs: Mapping[str, type],
    memory_gib: float = 1.0,
    family: TaskFamily = TaskFamily.CLASSIFICATION,
    learns: bool = True,
) -> MethodSpec:
    """The spec of a method on each of the sources in `configs`, the first of which is its default.

    `memory_gib` is what it needs on features; the summary is "`title`, on ...". `learns`: whether it has a `fit`.
    """
    first, *others = (
        _choice(source, build, title, papers, config, memory_gib, learns) for source, config in configs.items()
    )
    named, *rest = configs
    parts = {key: value for key, value in vars(first).items() if key != "called"}
    return MethodSpec(
        name=name,
        family=family,
        licence="Apache-2.0",
        input_name=named,
        called=f"{named}-{name}",
        choices=dict(zip(rest, others, strict=True)),
        **parts,
    )


def _choice(
    name: str,
    build: Callable[[RunContext], Any],
    title: str,
    papers: tuple[str, ...],
    config: type,
    memory_gib: float,
    learns: bool,
) -> Choice:
    source = SOURCES[name]
    on_features = isinstance(source.inputs, Features)
    return Choice(
        inputs=source.inputs,
        summary=f"{title}, on {source.of}.",
        build=build,
        claims=source.claims,
        config=config,
        resources=Resources(memory_gib=memory_gib, minutes=10.0) if on_features else LARGE,
        batch_size=256 if on_features else 64,
        papers=tuple(dict.fromkeys((*papers, source.paper))),
        inputs_for=None if on_features else inputs_for,
        frozen=() if on_features else (any_clip(learns=learns),),
    )
