"""Trunks of the query-based segmenter: maps of an image at a 1/4, 1/8, 1/16 and 1/32 of its size.

Of pixels [B, 3, H, W] in 0..255 a trunk gives four maps [B, widths[i], H / STRIDES[i], W / STRIDES[i]].
"""

from collections.abc import Sequence

import torch
import torchvision  # type: ignore[import-untyped]
from torch import nn
from torchvision.models._utils import IntermediateLayerGetter  # type: ignore[import-untyped]
from torchvision.ops import FrozenBatchNorm2d  # type: ignore[import-untyped]

from farfield.errors import ConfigError
from farfield_baselines.networks import lite0
from farfield_baselines.networks.checkpoints import read_tensors, refusal

LITE0, RESNET50 = "lite0", "resnet50"
STRIDES = (4, 8, 16, 32)
LITE0_TAPS = (1, 2, 3, 4)
RESNET_WIDTHS = (256, 512, 1024, 2048)
IMAGENET_MEAN, IMAGENET_STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)


class Normalised(nn.Module):
    """Pixels in 0..255 less the mean of each channel, over its deviation."""

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return (pixels - self.get_buffer("mean")) / self.get_buffer("std")


class Lite0Maps(nn.Module):
    """The frozen trunk of EfficientNet-Lite0 with its ImageNet weights; its statistics stay as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.normalised = Normalised(lite0.MEAN, lite0.STD)
        self.trunk = lite0.load().requires_grad_(False).to(memory_format=torch.channels_last)  # faster on CPUs
        self.widths = [self.trunk.feature_info[tap]["num_chs"] for tap in LITE0_TAPS]

    def train(self, mode: bool = True) -> "Lite0Maps":
        super().train(mode)
        self.trunk.eval()
        return self

    def forward(self, pixels: torch.Tensor) -> list[torch.Tensor]:
        inputs = self.normalised(pixels).contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            maps = self.trunk.forward_intermediates(inputs, indices=list(LITE0_TAPS), intermediates_only=True)
        return list(maps)


class ResNet50Maps(nn.Module):
    """ResNet-50 whose BatchNorm keeps its statistics; all else is trained. Raises ConfigError for unusable weights."""

    widths: Sequence[int] = RESNET_WIDTHS

    def __init__(self, weights: str) -> None:
        super().__init__()
        norm = FrozenBatchNorm2d if weights else nn.BatchNorm2d
        network = torchvision.models.resnet50(weights=None, norm_layer=norm)
        if weights:
            _load(network, weights)
        self.normalised = Normalised(IMAGENET_MEAN, IMAGENET_STD)
        self.body = IntermediateLayerGetter(network, {f"layer{number}": str(number) for number in range(1, 5)})

    def forward(self, pixels: torch.Tensor) -> list[torch.Tensor]:
        return list(self.body(self.normalised(pixels)).values())


def trunk(name: str, weights: str = "") -> Lite0Maps | ResNet50Maps:
    """LITE0, which has its weights, or RESNET50 from a file of ImageNet's; without one it starts from scratch."""
    return Lite0Maps() if name == LITE0 else ResNet50Maps(weights)


def _load(network: nn.Module, path: str) -> None:
    """The tensors of a file, with or without a classifier, which is of no use here."""
    network.fc = nn.Identity()
    tensors = read_tensors(path, "weights", set(network.state_dict()))
    try:
        network.load_state_dict({name: tensor for name, tensor in tensors.items() if not name.startswith("fc.")})
    except RuntimeError as error:
        raise ConfigError([refusal(path, "weights", error)]) from error
