"""Regions of an image as a detector sees them: embeddings of given boxes, proposals, and features of a frozen trunk."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.nn import functional
from torchvision.models.detection import FasterRCNN  # type: ignore[import-untyped]
from torchvision.models.detection.image_list import ImageList  # type: ignore[import-untyped]
from torchvision.models.detection.rpn import concat_box_prediction_layers  # type: ignore[import-untyped]
from torchvision.ops import batched_nms, roi_align  # type: ignore[import-untyped]

from farfield import AnnotatedImage
from farfield_baselines.detection.core import target_of
from farfield_baselines.networks.faster_rcnn import FrozenPyramid, to_pixels

GRID = 2  # bins a side into which a region is cut before the mean of each channel


@torch.no_grad()
def embeddings(network: FasterRCNN, scene: AnnotatedImage, device: str) -> tuple[list[int], torch.Tensor]:
    """The labels of an image's objects and what the box head makes of their boxes: [G, D]."""
    batch, boxes, labels = scaled(network, scene, device)
    heads, levels = network.roi_heads, network.backbone(batch.tensors)
    rows: torch.Tensor = heads.box_head(heads.box_roi_pool(levels, [boxes], batch.image_sizes))
    return labels, rows


def scaled(network: FasterRCNN, scene: AnnotatedImage, device: str) -> tuple[ImageList, torch.Tensor, list[int]]:
    """An image as the network sees it when it detects, its boxes [G, 4] there, and their labels."""
    network.eval()
    batch, [target] = network.transform([to_pixels(scene.image, device)], [dict(target_of(scene, device))])
    return batch, target["boxes"], [int(label) - 1 for label in target["labels"]]


def proposals(network: FasterRCNN, batch: ImageList, maps: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """The boxes [P, 4] that the network proposes in one image, the likeliest first, and their objectness [P].

    `maps` are the trunk's of the image, see `trunk_maps`.
    """
    named = OrderedDict((str(number), each) for number, each in enumerate(maps))
    rpn, levels = network.rpn, list(_pyramid(network)(named).values())
    objectness, deltas = rpn.head(levels)
    anchors = rpn.anchor_generator(batch, levels)
    counts = [level[0].numel() for level in objectness]
    told, deltas = concat_box_prediction_layers(objectness, deltas)
    decoded = rpn.box_coder.decode(deltas, anchors).view(1, -1, 4)
    boxes, scores = rpn.filter_proposals(decoded, told, batch.image_sizes, counts)
    return boxes[0], scores[0]


def trunk_features(batch: ImageList, maps: Sequence[torch.Tensor], boxes: torch.Tensor) -> torch.Tensor:
    """What the trunk's maps, without what was trained on them, tell of boxes [R, 4] of one image: [R, D].

    The mean of each channel in each box, of all maps, with those of each map brought to length one.
    """
    pooled = []
    for level in maps:
        scale = level.shape[-1] / batch.tensors.shape[-1]
        cut = roi_align(level, [boxes], output_size=GRID, spatial_scale=scale, sampling_ratio=2, aligned=True)
        pooled.append(functional.normalize(cut.mean(dim=(2, 3)), dim=1))
    return torch.cat(pooled, dim=1)


def trunk_maps(network: FasterRCNN, pixels: torch.Tensor) -> Sequence[torch.Tensor]:
    """The maps from which the pyramid is made."""
    backbone = network.backbone
    if isinstance(backbone, FrozenPyramid):
        return backbone.maps(pixels)
    named: Mapping[str, torch.Tensor] = backbone.body(pixels)
    return list(named.values())


def trunk_width(network: FasterRCNN) -> int:
    """How many channels these maps have together."""
    return sum(int(block[0].in_channels) for block in _pyramid(network).inner_blocks)


def _pyramid(network: FasterRCNN) -> Any:
    backbone = network.backbone
    return backbone.pyramid if isinstance(backbone, FrozenPyramid) else backbone.fpn


def best_of(boxes: torch.Tensor, scores: torch.Tensor, least: float, overlap: float, most: int) -> dict[str, Any]:
    """Of boxes [P, 4] with scores [P, K] for each class those to tell, the likeliest first; `labels` are 0..K-1.

    Scores are at least `least`; of two boxes of one class with a higher IoU than `overlap` the likelier is told.
    """
    rows, labels = torch.where(scores >= least)
    scores, boxes = scores[rows, labels], boxes[rows]
    chosen = batched_nms(boxes, scores, labels, overlap)[:most]
    return {"boxes": boxes[chosen], "scores": scores[chosen], "labels": labels[chosen]}
