"""The two frozen backbones: what they are called, what they take, and what methods on top of them declare."""

from typing import Any

from farfield import BackboneSpec, Features, Images, TrackClaims


def _lite0(device: str) -> Any:
    from farfield_baselines.networks.lite0 import Lite0

    return Lite0(device).features


def _mini_clip(device: str) -> Any:
    from farfield_baselines.networks.mini_clip import MiniClip

    return MiniClip(device).embed_images


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
    inputs=Images(size=128),
    pretraining=("imagenet-1k", "farfield-drawings"),
    licence="Apache-2.0",
)
MINI_CLIP_FEATURES = Features(backbone=MINI_CLIP.name, dim=MINI_CLIP.dim)
MINI_CLIP_CLAIMS = TrackClaims(backbone=MINI_CLIP.name, pretraining=MINI_CLIP.pretraining)
CLIP_PAPER = "Radford et al. 2021, arXiv 2103.00020"
