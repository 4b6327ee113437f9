"""The mini CLIP: open_clip's model with a Lite0 image tower, trained by `training/` of this distribution.

CLIP: Radford et al. 2021, arXiv 2103.00020.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import open_clip
import torch
from torch.nn import functional

from farfield_baselines.networks.pixels import Normalise
from farfield_baselines.prompts import fill

WEIGHTS = Path(__file__).parent.parent / "weights"
NAME = "mini_clip"
Floats = npt.NDArray[np.float32]


class MiniClip:
    """Both towers on one device, in float32.

    `scale` is the exponential of the learned logit scale; `pixels` makes the image tower's input of uint8 images.
    """

    def __init__(self, device: str = "cpu") -> None:
        self._device = device
        self._model = load(device)
        self.pixels = pixels_of(self._model, device)
        self._tokenize = open_clip.get_tokenizer(NAME)
        self.scale = float(self._model.logit_scale.detach().exp())

    @property
    def image_tower(self) -> Any:
        """The module from pixels [B, 3, 128, 128] to embeddings [B, 192], not normalised."""
        return self._model.visual

    @torch.inference_mode()
    def embed_images(self, images: npt.NDArray[Any]) -> Floats:
        """uint8 [B, 128, 128, 3] -> unit embeddings float32 [B, 192]."""
        embeddings = self._model.encode_image(self.pixels(images), normalize=True)
        return np.asarray(embeddings.cpu().numpy())

    @torch.inference_mode()
    def embed_classes(self, names: Sequence[str], templates: Sequence[str]) -> Floats:
        """Zero-shot classifier, float32 [C, 192].

        As in the paper's published notebook: each prompt's embedding is normalised, the mean over the templates is
        taken and normalised again (section 3.1.4).
        """
        return np.stack([self._embed_class([fill(t, name) for t in templates]) for name in names])

    def _embed_class(self, prompts: list[str]) -> Floats:
        tokens = self._tokenize(prompts).to(self._device)
        mean = self._model.encode_text(tokens, normalize=True).mean(dim=0)
        return np.asarray(functional.normalize(mean, dim=0).cpu().numpy())


def load(device: str) -> Any:
    """open_clip's model in evaluation mode, from the configuration and weights in `WEIGHTS`; nothing is fetched."""
    if NAME not in open_clip.list_models():
        open_clip.add_model_config(WEIGHTS / f"{NAME}.json")
    model = open_clip.create_model(NAME, pretrained=str(WEIGHTS / f"{NAME}.safetensors"), device=device)
    return model.to(memory_format=torch.channels_last).eval()


def pixels_of(model: Any, device: str) -> Normalise:
    """open_clip's own normalisation for this model."""
    how = model.visual.preprocess_cfg
    return Normalise([255 * value for value in how["mean"]], [255 * value for value in how["std"]], device)
