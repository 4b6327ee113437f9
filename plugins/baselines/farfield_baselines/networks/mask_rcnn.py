"""Mask R-CNN: a detector gets torchvision's mask head (He et al. 2017, arXiv 1703.06870), narrower on the small one."""

from typing import Any

import torch
from torch import nn
from torchvision.models.detection import FasterRCNN  # type: ignore[import-untyped]
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor  # type: ignore[import-untyped]
from torchvision.ops import MultiScaleRoIAlign  # type: ignore[import-untyped]

from farfield_baselines.networks.faster_rcnn import FrozenPyramid

POOLED = 14  # pixels of a side of what is pooled of a box; the mask has twice as many
DEEP, SHALLOW = 4, 2  # convolutions before the mask's predictor: torchvision's, and the small one's


def add_masks(network: FasterRCNN, classes: int, *, agnostic: bool) -> None:
    """Give the detector a mask head, which from then on takes part in its losses and its detections.

    classes: without the background. agnostic: one mask of a box, whatever class it is of.
    """
    heads, width = network.roi_heads, network.backbone.out_channels
    depth = SHALLOW if isinstance(network.backbone, FrozenPyramid) else DEEP
    names = heads.box_roi_pool.featmap_names
    heads.mask_roi_pool = MultiScaleRoIAlign(featmap_names=names, output_size=POOLED, sampling_ratio=2)
    heads.mask_head = MaskRCNNHeads(width, (width,) * depth, 1)
    heads.mask_predictor = mask_predictor(width, classes, agnostic=agnostic)


def mask_predictor(width: int, classes: int, *, agnostic: bool) -> nn.Module:
    """From features [P, width, S, S] to logits [P, classes + 1, 2 S, 2 S], those of the background first and unused."""
    if agnostic:
        return OneMask(width, classes + 1)
    predictor: nn.Module = MaskRCNNPredictor(width, width, classes + 1)
    return predictor


class OneMask(MaskRCNNPredictor):  # type: ignore[misc]
    """A predictor with one mask of a box, which it tells for each of the outputs."""

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__(width, width, 1)
        self.outputs = outputs

    def forward(self, features: torch.Tensor) -> Any:
        logits = super().forward(features)
        return logits.expand(-1, self.outputs, -1, -1)
