"""The mini CLIP: open_clip's model with a Lite0 image tower, trained by `training/` of this distribution.

CLIP: Radford et al. 2021, arXiv 2103.00020. It takes 128-pixel images and embeds in 192 dimensions.
"""

from typing import Any

from farfield_baselines.networks import clip
from farfield_baselines.networks.clip import MINI_CONFIG as NAME
from farfield_baselines.networks.clip import WEIGHTS, Clip, Wanted
from farfield_baselines.networks.clip import normalise_of as pixels_of

__all__ = ["NAME", "WEIGHTS", "MiniClip", "load", "pixels_of"]


def MiniClip(device: str = "cpu") -> Clip:  # noqa: N802 - it stands where a class stood
    """Both towers, from the shipped weights."""
    return clip.load(Wanted(model=clip.MINI), device)


def load(device: str) -> Any:
    """open_clip's model in evaluation mode, from the configuration and weights in `WEIGHTS`; nothing is fetched."""
    return MiniClip(device).model
