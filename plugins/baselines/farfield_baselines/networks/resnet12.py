"""ResNet-12 of few-shot learning, as CRLNet and others have it as a backbone that is not trained: maps of 640 channels.

Four blocks of three 3x3 convolutions, of 64, 160, 320 and 640 channels, each halving the side (Lee et al. 2019, arXiv
1904.03758). Tensors have the names of released files; dropout and DropBlock are of training alone, and are not here.
"""

from collections.abc import Mapping

import torch
from torch import nn
from torch.nn import functional

from farfield.errors import ConfigError
from farfield_baselines.networks.checkpoints import refusal

WIDTHS = (64, 160, 320, 640)
SLOPE = 0.1  # of leaky ReLU below 0


class Block(nn.Module):
    """Three convolutions beside a short cut, and the larger of each four places."""

    def __init__(self, before: int, width: int) -> None:
        super().__init__()
        for number, channels in enumerate((before, width, width), 1):
            self.add_module(f"conv{number}", nn.Conv2d(channels, width, 3, padding=1, bias=False))
            self.add_module(f"bn{number}", nn.BatchNorm2d(width))
        self.downsample = nn.Sequential(nn.Conv2d(before, width, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        out = maps
        for number in (1, 2, 3):
            out = self.get_submodule(f"bn{number}")(self.get_submodule(f"conv{number}")(out))
            out = functional.leaky_relu(out, SLOPE) if number < 3 else out
        return functional.max_pool2d(functional.leaky_relu(out + self.downsample(maps), SLOPE), 2)


class ResNet12(nn.Module):
    """Images [B, 3, H, W] -> maps [B, 640, H / 16, W / 16]."""

    def __init__(self) -> None:
        super().__init__()
        for number, (before, width) in enumerate(zip((3, *WIDTHS), WIDTHS, strict=False), 1):
            self.add_module(f"layer{number}", nn.Sequential(Block(before, width)))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        for layer in self.children():
            images = layer(images)
        return images

    def take(self, tensors: Mapping[str, torch.Tensor], path: str) -> None:
        """Those of a file, of which a classifier's are left out. Raises ConfigError where they do not fit."""
        own = {name: tensors[name] for name in self.state_dict() if name in tensors}
        try:
            self.load_state_dict(own)
        except RuntimeError as error:
            raise ConfigError([refusal(path, "weights", error)]) from error
