"""The gradient decoupled layer: parts of a detector see the same maps, and do not change them alike.

DeFRCN, Qiao et al. 2021, arXiv 2108.09017, section 4.1: forwards an affine map of each channel that is learned,
backwards the gradient times a constant.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torchvision.models.detection import FasterRCNN  # type: ignore[import-untyped]


class _Scaled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, maps: torch.Tensor, factor: float) -> torch.Tensor:
        ctx.factor = factor
        return maps.view_as(maps)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        return gradients[0] * ctx.factor, None


class GradientDecoupledLayer(nn.Module):
    """Maps [B, C, H, W] times a weight [C], plus a bias [C]; what comes back to the maps is multiplied with `factor`.

    It starts as the identity. Weight and bias learn with their whole gradient. All levels of a pyramid share them.
    """

    def __init__(self, channels: int, factor: float) -> None:
        super().__init__()
        self.factor = factor
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        scaled: torch.Tensor = _Scaled.apply(maps, self.factor)
        return scaled * self.weight[:, None, None] + self.bias[:, None, None]


def decouple(network: FasterRCNN, rpn: float, rcnn: float) -> None:
    """Put a layer with each of these factors between the pyramid and the proposals' and the boxes' heads."""
    for part, place, factor in ((network.rpn, 1, rpn), (network.roi_heads, 0, rcnn)):
        part.decoupled = GradientDecoupledLayer(network.backbone.out_channels, factor)
        part.register_forward_pre_hook(_Decoupling(place))


class _Decoupling:
    """Before a part of a detector is asked: its argument at `place`, the maps by level, goes through its layer."""

    def __init__(self, place: int) -> None:
        self.place = place

    def __call__(self, part: nn.Module, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        levels: Mapping[str, torch.Tensor] = arguments[self.place]
        layer = part.get_submodule("decoupled")
        through = {name: layer(maps) for name, maps in levels.items()}
        return (*arguments[: self.place], through, *arguments[self.place + 1 :])
