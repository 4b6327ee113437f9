"""The model that a configuration names, to be seen from outside: of features that the platform has, and of images.

Nothing here imports torch. On features only the last layer is needed: that of Lite0 is read from its file, and that of
a CLIP model made of text embeddings, which the platform tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import RunContext
from farfield.errors import ConfigError
from farfield_baselines.backbones import MINI_CLIP
from farfield_baselines.ood_detection.core import Head, Model, OpenedForImages, lite0_head, zero_shot_head
from farfield_baselines.prompt_towers import PromptTower, network_of
from farfield_baselines.prompts import templates

if TYPE_CHECKING:
    from farfield_baselines.networks.clip import Clip

MODEL_HELP = "lite0, mini-clip (both shipped), timm:NAME or open_clip:NAME."
OF_CLIP = (MINI_CLIP.name, "open_clip")


@dataclass(frozen=True, kw_only=True)
class ZeroShot:
    """A CLIP model's text side, and the classifier that it makes of the names of the classes."""

    tower: PromptTower
    head: Head


def seeing_model(config: Any, context: RunContext) -> Model:
    """Raises ConfigError for a name, weights or classes that do not fit; for weights of a CLIP model whose text
    embeddings are told only once images come."""
    kind = config.model.partition(":")[0]
    if kind == "timm":
        from farfield_baselines.ood_detection.models import open_model

        return open_model(config, context)
    return _lite0(config, context) if kind == "lite0" else _clip(config, context)


def zero_shot(config: Any, context: RunContext) -> ZeroShot:
    """The model is loaded where the platform tells no text embeddings of it. Raises ConfigError as `clip_named`."""
    named = clip_named(config)

    def load() -> Clip:
        from farfield_baselines.networks import clip

        return clip.load(clip.Wanted(**named), context.device)

    tower = PromptTower(context, network_of(**named), load)
    classes = tower.embed_classes(context.class_names, templates(config.templates))
    return ZeroShot(tower=tower, head=zero_shot_head(classes, tower.scale))


def clip_named(config: Any) -> dict[str, str]:
    """The `model`, `pretrained` and `checkpoint` of a CLIP model. Raises ConfigError for a name that is of no kind."""
    kind, _, name = config.model.partition(":")
    if kind not in OF_CLIP:
        raise ConfigError([f"model: {config.model!r} is none of {MODEL_HELP}"])
    return {"model": name or MINI_CLIP.name, "pretrained": config.pretrained, "checkpoint": config.checkpoint}


def _lite0(config: Any, context: RunContext) -> Model:
    def opened() -> Model:
        from farfield_baselines.ood_detection.models import open_model

        return open_model(config, context)

    return OpenedForImages(head=lite0_head(context), opened=opened)


def _clip(config: Any, context: RunContext) -> Model:
    shot = zero_shot(config, context)

    def opened() -> Model:
        from farfield_baselines.ood_detection.models import clip_network

        return clip_network(shot, context.device)

    return OpenedForImages(head=shot.head, opened=opened)
