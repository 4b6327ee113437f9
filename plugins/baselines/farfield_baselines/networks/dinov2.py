"""DINOv2's ViT-B/14 as DomainBed takes it: the class tokens of the last four blocks, and the mean of the last patches.

Oquab et al. 2023, arXiv 2304.07193; DomainBed b93c22a. The network is timm's, whose tensors are called as in the
release; positions are made to fit the size of the images as the release does it, which timm does otherwise.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

NAME = "vit_base_patch14_dinov2"
TAKEN = 4
POSITIONS = "pos_embed"
OFFSET = 0.1  # of a patch, which the release adds to the size that it interpolates to


class LastBlocks(nn.Module):
    """Images [B, 3, H, W] -> [B, 5 D]: D numbers of each of the last four class tokens, and of the mean patch."""

    def __init__(self, tower: Any) -> None:
        super().__init__()
        self.tower = tower

    @property
    def width(self) -> int:
        return (TAKEN + 1) * int(self.tower.embed_dim)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        blocks = self.tower.forward_intermediates(
            images, indices=TAKEN, return_prefix_tokens=True, norm=True, output_fmt="NLC", intermediates_only=True
        )
        return torch.cat([*(tokens[:, 0] for _, tokens in blocks), blocks[-1][0].mean(1)], dim=1)


def vit_b14(side: int) -> Any:
    """The network for square images of so many pixels. Raises ValueError where they are no whole number of patches."""
    import timm

    if side % 14:
        raise ValueError(f"featurizer 'dinov2' takes images of a multiple of 14 pixels a side, and not {side}")
    return timm.create_model(NAME, pretrained=False, num_classes=0, img_size=side)


def fitted(stored: Mapping[str, torch.Tensor], own: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The stored tensors with positions [1, 1 + n^2, D] for as many patches as the network has."""
    fitting = dict(stored)
    if POSITIONS in fitting and fitting[POSITIONS].shape[1] != own[POSITIONS].shape[1]:
        fitting[POSITIONS] = _resized(fitting[POSITIONS], round((own[POSITIONS].shape[1] - 1) ** 0.5))
    return fitting


def _resized(positions: torch.Tensor, wanted: int) -> torch.Tensor:
    side = round((positions.shape[1] - 1) ** 0.5)
    square = positions[:, 1:].float().reshape(1, side, side, -1).permute(0, 3, 1, 2)
    scale = (wanted + OFFSET) / side
    made = nn.functional.interpolate(square, scale_factor=(scale, scale), mode="bicubic")
    return torch.cat([positions[:, :1].float(), made.permute(0, 2, 3, 1).flatten(1, 2)], dim=1)
