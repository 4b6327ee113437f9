"""The zero-shot classifier that the mini CLIP's methods start from."""

import numpy as np
import numpy.typing as npt

from farfield import RunContext
from farfield_baselines.prompts import templates


def class_embeddings(context: RunContext) -> tuple[npt.NDArray[np.float32], float]:
    """Unit text embeddings [C, 192] of the classes under `config.templates`, and the logit scale."""
    from farfield_baselines.networks.mini_clip import MiniClip

    clip = MiniClip()
    return clip.embed_classes(context.class_names, templates(context.config.templates)), clip.scale
