"""The text encoder that says no: CLIP's text tower with other weights."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch

from farfield import RunContext
from farfield.errors import ConfigError
from farfield_baselines.networks import clip
from farfield_baselines.networks.checkpoints import read_tensors
from farfield_baselines.ood_detection.declare import ModelConfig
from farfield_baselines.ood_detection.models import wanted_clip

OTHER_PARTS = ("visual.", "logit_scale", "logit_bias")


def no_embeddings(
    config: ModelConfig, checkpoint: str, context: RunContext, prompts: Sequence[str]
) -> npt.NDArray[np.float32]:
    """Unit embeddings [C, D] of the classes under negative prompts, by the file's encoder or else CLIP's own.

    Raises ConfigError for a file that lacks a tensor of the text tower, or has one of another shape.
    """
    model = clip.load(wanted_clip(config), context.device)
    if checkpoint:
        own = model.model.state_dict()
        stored = read_tensors(checkpoint, "no_checkpoint", wanted=own)
        model.model.load_state_dict({**own, **text_tensors(own, stored)})
    return model.embed_classes(context.class_names, prompts)


def text_tensors(own: Mapping[str, torch.Tensor], stored: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The stored tensors of the text tower, by the names of the model's own. Raises ConfigError for misfits."""
    names = [name for name in own if not name.startswith(OTHER_PARTS)]
    wrong = [name for name in names if name not in stored or stored[name].shape != own[name].shape]
    if wrong:
        listed = ", ".join(wrong[:5])
        raise ConfigError([f'no_checkpoint: it is no "no" text encoder of this model: {listed} missing or misshapen'])
    return {name: stored[name] for name in names}
