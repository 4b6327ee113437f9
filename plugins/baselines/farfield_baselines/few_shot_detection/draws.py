"""What last layers learn from: features of regions that were drawn from annotated images, by layers that are frozen.

Drawn as torchvision does in each step: proposals and annotated boxes of an image, a part of them on an object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torchvision.models.detection import FasterRCNN  # type: ignore[import-untyped]
from torchvision.models.detection.roi_heads import project_masks_on_boxes  # type: ignore[import-untyped]

from farfield import AnnotatedImage, AnnotatedSet
from farfield_baselines.detection.core import mirror, target_of
from farfield_baselines.networks.faster_rcnn import to_pixels
from farfield_baselines.networks.seeding import seeded

MOST_MASKS = 8  # regions of a draw whose masks are learned from
MOST_BYTES = 1 << 29  # of draws in memory; those beyond are made anew whenever they are wanted


@dataclass(frozen=True, kw_only=True)
class Draw:
    """Regions of one image: features [R, D], labels int64 [R] from 1 (0: background), and their box deltas [R, 4].

    With a mask head the first of those on an object have features [P, C, S, S], labels [P] and masks [P, 2 S, 2 S].
    """

    features: torch.Tensor
    labels: torch.Tensor
    deltas: torch.Tensor
    mask_features: torch.Tensor | None = None
    mask_labels: torch.Tensor | None = None
    masks: torch.Tensor | None = None

    @property
    def nbytes(self) -> int:
        return sum(t.nbytes for t in vars(self).values() if t is not None)


@torch.no_grad()
def draw(network: FasterRCNN, scene: AnnotatedImage, device: str, *, masks: bool) -> Draw:
    """Regions of an image, by torch's own chance."""
    network.train()
    batch, [target] = network.transform([to_pixels(scene.image, device)], [dict(target_of(scene, device))])
    levels, heads = network.backbone(batch.tensors), network.roi_heads
    proposals, _ = network.rpn(batch, levels, [target])
    proposals, matched, labels, deltas = heads.select_training_samples(proposals, [target])
    features = heads.box_head(heads.box_roi_pool(levels, proposals, batch.image_sizes))
    more: dict[str, Any] = {}
    if masks:
        on = torch.where(labels[0] > 0)[0][:MOST_MASKS]
        boxes = proposals[0][on]
        pooled = heads.mask_head(heads.mask_roi_pool(levels, [boxes], batch.image_sizes))
        wanted = project_masks_on_boxes(target["masks"], boxes, matched[0][on], 2 * pooled.shape[-1])
        more = {"mask_features": pooled, "mask_labels": labels[0][on], "masks": wanted}
    return Draw(features=features, labels=labels[0], deltas=deltas[0], **more)


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """How images are drawn from.

    each: how many draws of an image are made once, every other one of its mirror image if `mirror`; 0 makes a new one
    whenever one is asked for, as training the whole network would. masks: whether masks are learned, too.
    """

    each: int
    seed: tuple[int, ...]
    device: str
    masks: bool
    mirror: bool


class Draws:
    """Draws of the images of a set; their labels are label numbers + 1."""

    def __init__(self, network: FasterRCNN, scenes: AnnotatedSet, drawing: Drawing) -> None:
        self._network, self._scenes, self._how = network, scenes, drawing
        self._kept: dict[tuple[int, int], Draw] = {}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._scenes)

    def take(self, place: int, rng: np.random.Generator) -> Draw:
        """One draw of the image at this place."""
        number = int(rng.integers(self._how.each or 1 << 30))
        if (place, number) not in self._kept:
            made = self._made(place, number)
            if not self._how.each or self._bytes + made.nbytes > MOST_BYTES:
                return made
            self._bytes += made.nbytes
            self._kept[place, number] = made
        return self._kept[place, number]

    def _made(self, place: int, number: int) -> Draw:
        how, scene = self._how, self._scenes[place]
        if how.mirror and number % 2:
            scene = mirror(scene)
        with seeded(how.device, *how.seed, place, number):
            return draw(self._network, scene, how.device, masks=how.masks)
