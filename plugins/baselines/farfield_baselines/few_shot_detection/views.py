"""What last layers learn from: regions of annotated images as layers see them that are frozen, and samples of regions.

Regions and samples are torchvision's: proposals and annotated boxes of an image, and in each step a part of them, some
on an object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torchvision.models.detection import FasterRCNN  # type: ignore[import-untyped]
from torchvision.models.detection.roi_heads import RoIHeads, project_masks_on_boxes  # type: ignore[import-untyped]

from farfield import AnnotatedImage, AnnotatedSet
from farfield_baselines.detection.core import mirror, target_of
from farfield_baselines.networks.faster_rcnn import to_pixels
from farfield_baselines.networks.seeding import seeded

MOST_MASKS = 8  # regions of a view whose masks are learned from
MOST_BYTES = 1 << 29  # of views in memory; those beyond are made anew whenever they are wanted


@dataclass(frozen=True, kw_only=True)
class View:
    """Regions of one image: features [R, D], labels int64 [R] and box deltas [R, 4].

    A label is a label number + 1, or 0 for background, or -1 for what counts as neither. With a mask head some of
    those on an object have features [P, C, S, S], labels [P] and masks [P, 2 S, 2 S].
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
def view(network: FasterRCNN, scene: AnnotatedImage, device: str, *, masks: bool) -> View:
    """All regions of an image that a step of training samples from."""
    network.train()
    batch, [target] = network.transform([to_pixels(scene.image, device)], [dict(target_of(scene, device))])
    levels, heads = network.backbone(batch.tensors), network.roi_heads
    proposed, _ = network.rpn(batch, levels, [target])
    [boxes] = heads.add_gt_proposals(proposed, [target["boxes"]])
    [matched], [labels] = heads.assign_targets_to_proposals([boxes], [target["boxes"]], [target["labels"]])
    goals = target["boxes"][matched] if len(target["boxes"]) else torch.zeros_like(boxes)
    [deltas] = heads.box_coder.encode([goals], [boxes])
    features = heads.box_head(heads.box_roi_pool(levels, [boxes], batch.image_sizes))
    more: dict[str, Any] = {}
    if masks:
        on = torch.where(labels > 0)[0].flip(0)[:MOST_MASKS]  # the annotated boxes come last
        pooled = heads.mask_head(heads.mask_roi_pool(levels, [boxes[on]], batch.image_sizes))
        wanted = project_masks_on_boxes(target["masks"], boxes[on], matched[on], 2 * pooled.shape[-1])
        more = {"mask_features": pooled, "mask_labels": labels[on], "masks": wanted}
    return View(features=features, labels=labels, deltas=deltas, **more)


def sampled(heads: RoIHeads, labels: torch.Tensor) -> torch.Tensor:
    """Which regions of a view with these labels [R] a step sees, by torch's own chance: their numbers."""
    [chosen] = heads.subsample([labels])
    return torch.as_tensor(chosen)


@dataclass(frozen=True, kw_only=True)
class Viewing:
    """How images are seen.

    most: of how many views of an image, itself and its mirror image, each is made once; 0 makes one of them anew
    whenever one is asked for, as training the whole network would. mirror: whether mirror images are learned from.
    masks: whether masks are learned, too.
    """

    most: int
    mirror: bool
    seed: tuple[int, ...]
    device: str
    masks: bool


class Views:
    """Views of the images of a set."""

    def __init__(self, network: FasterRCNN, scenes: AnnotatedSet, viewing: Viewing) -> None:
        self.heads: RoIHeads = network.roi_heads
        self._network, self._scenes, self._how = network, scenes, viewing
        self._kept: dict[tuple[int, int], View] = {}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._scenes)

    def take(self, place: int, rng: np.random.Generator) -> View:
        """One view of the image at this place."""
        number = int(rng.integers(self._how.most or 1 << 30))
        if (place, number) not in self._kept:
            made = self._made(place, number)
            if not self._how.most or self._bytes + made.nbytes > MOST_BYTES:
                return made
            self._bytes += made.nbytes
            self._kept[place, number] = made
        return self._kept[place, number]

    def _made(self, place: int, number: int) -> View:
        how, scene = self._how, self._scenes[place]
        with seeded(how.device, *how.seed, place, number):
            turned = mirror(scene) if how.mirror and number % 2 else scene
            return view(self._network, turned, how.device, masks=how.masks)
