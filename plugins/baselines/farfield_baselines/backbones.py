"""The frozen backbones: what they are called, what they take, and what methods on top of them declare.

Two are shipped. `clip` is any model of open_clip's and `timm` any classifier of timm's, by name or file of weights.
"""

from collections.abc import Mapping
from typing import Any

from farfield import BackboneSpec, Features, Frozen, Images, TextTower, TrackClaims


def _lite0(device: str) -> Any:
    from farfield_baselines.networks.frozen import OnDevice
    from farfield_baselines.networks.lite0 import Lite0

    return OnDevice(Lite0(device).features, device)


def _mini_clip(device: str) -> Any:
    from farfield_baselines.networks.frozen import OnDevice
    from farfield_baselines.networks.mini_clip import MiniClip

    return OnDevice(MiniClip(device).embed_images, device)


def _clip(device: str, **wanted: str) -> Any:
    from farfield_baselines.networks import clip
    from farfield_baselines.networks.frozen import OnDevice

    return OnDevice(clip.load(clip.Wanted(**wanted), device).embed_images, device)


def _clip_texts(device: str, **wanted: str) -> TextTower:
    from farfield_baselines.networks import clip

    model = clip.load(clip.Wanted(**wanted), device)
    return TextTower(embed=model.embed_prompts, scale=model.scale)


def _mini_clip_texts(device: str) -> TextTower:
    return _clip_texts(device, model="mini-clip")


def _clip_inputs(**wanted: str) -> Images:
    from farfield_baselines.networks import clip

    return clip.inputs_of(clip.Wanted(**wanted))


def _timm(device: str, **wanted: str) -> Any:
    from farfield_baselines.networks import timm_models
    from farfield_baselines.networks.frozen import OnDevice

    return OnDevice(timm_models.load(timm_models.Wanted(**wanted), device).features, device)


def _timm_inputs(**wanted: str) -> Images:
    from farfield_baselines.networks import timm_models

    return timm_models.inputs_of(timm_models.Wanted(**wanted))


LITE0 = BackboneSpec(
    name="efficientnet-lite0",
    dim=1280,
    build=_lite0,
    inputs=Images(size=224),
    pretraining=("imagenet-1k",),
    licence="Apache-2.0",
)
LITE0_FEATURES = Features(backbone=LITE0.name, dim=LITE0.dim)
LITE0_CLAIMS = TrackClaims(backbone=LITE0.name, pretraining=LITE0.pretraining)
LITE0_PAPER = "Tan & Le 2019, arXiv 1905.11946"

MINI_CLIP = BackboneSpec(
    name="mini-clip",
    dim=192,
    build=_mini_clip,
    texts=_mini_clip_texts,
    inputs=Images(size=128),
    pretraining=("imagenet-1k", "farfield-drawings"),
    licence="Apache-2.0",
)
MINI_CLIP_FEATURES = Features(backbone=MINI_CLIP.name, dim=MINI_CLIP.dim)
MINI_CLIP_CLAIMS = TrackClaims(backbone=MINI_CLIP.name, pretraining=MINI_CLIP.pretraining)
CLIP_PAPER = "Radford et al. 2021, arXiv 2103.00020"

CLIP = BackboneSpec(
    name="clip",
    dim=0,
    build=_clip,
    inputs=MINI_CLIP.inputs,
    inputs_for=_clip_inputs,
    texts=_clip_texts,
    settings=("model", "pretrained", "checkpoint"),
    pretraining=("as configured",),
    licence="Apache-2.0",
)
TIMM = BackboneSpec(
    name="timm",
    dim=0,
    build=_timm,
    inputs=LITE0.inputs,
    inputs_for=_timm_inputs,
    settings=("model", "checkpoint"),
    pretraining=("as configured",),
    licence="Apache-2.0",
)
BACKBONES = (LITE0, MINI_CLIP, CLIP, TIMM)


def any_clip(*, learns: bool, learns_only: Mapping[str, Any] | None = None) -> Frozen:
    """The CLIP model that a method's settings name; `learns` and `learns_only` as `Frozen` has them."""
    return Frozen(
        model="model",
        backbones={MINI_CLIP.name: MINI_CLIP.name, "": CLIP.name},
        settings={"pretrained": "pretrained", "checkpoint": "checkpoint"},
        learns=learns,
        learns_only=learns_only or {},
    )


def any_model(*, learns: bool, learns_only: Mapping[str, Any] | None = None) -> Frozen:
    """The same of a model that may be a classifier: lite0, mini-clip, timm:NAME or open_clip:NAME."""
    return Frozen(
        model="model",
        backbones={"lite0": LITE0.name, "mini-clip": MINI_CLIP.name, "timm:": TIMM.name, "open_clip:": CLIP.name},
        settings={"pretrained": "pretrained", "checkpoint": "checkpoint"},
        learns=learns,
        learns_only=learns_only or {},
    )
