"""The image tower of a CLIP model as a featurizer of domain generalisation: images in 0..1 to unit embeddings."""

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from farfield_baselines.networks.clip import Clip
from farfield_baselines.networks.featurizers import Featurizer, Memory


class UnitTower(nn.Module):
    """Normalised pixels [B, 3, H, W] -> embeddings [B, D] of length one; other sizes are resized, bicubic."""

    def __init__(self, tower: nn.Module, size: int) -> None:
        super().__init__()
        self.tower, self.size = tower, size

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        side = (self.size, self.size)
        if tuple(pixels.shape[2:]) != side:
            pixels = functional.interpolate(pixels, side, mode="bicubic", antialias=True)
        return functional.normalize(self.tower(pixels), dim=-1)


class Remembering(nn.Module):
    """A frozen module that computes each input once; see `Memory`."""

    def __init__(self, frozen: nn.Module) -> None:
        super().__init__()
        self.frozen = frozen.requires_grad_(False)
        self.memory = Memory()

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        self.frozen.eval()
        return self.memory.recall(inputs, self._look)

    @torch.no_grad()
    def _look(self, inputs: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = self.frozen(inputs)
        return outputs


def featurizer(clip: Clip, width: int, *, remember: bool = False) -> Featurizer:
    """Images [B, 3, H, W] in 0..1 -> unit embeddings [B, width].

    BatchNorm, where the tower has any, keeps the statistics of pre-training. With `remember` nothing is trained, and
    an image is looked at once.
    """
    how: Any = clip.model.visual.preprocess_cfg
    tower: nn.Module = UnitTower(clip.image_tower, clip.size)
    if remember:
        tower = Remembering(tower)
    return Featurizer(tower, width, mean=how["mean"], std=how["std"], frozen_statistics=True)


def head(weight: np.ndarray[Any, np.dtype[np.float32]]) -> nn.Linear:
    """A linear layer with this weight [C, D] and a bias of zero."""
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight))
        layer.bias.zero_()
    return layer
