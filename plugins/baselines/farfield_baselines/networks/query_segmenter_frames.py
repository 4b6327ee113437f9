"""Images of any size in square frames for a network, and masks back from them.

An image is scaled so that its longer side is the frame's, and lies in the frame's upper left; the rest is grey.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from farfield import AnnotatedImage

GREY = 127.0
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Truth:
    """The objects of one image in its frame: labels int64 [G], masks float32 [G, h, w], shares of a place covered."""

    labels: torch.Tensor
    masks: torch.Tensor

    def mirrored(self) -> "Truth":
        """Left is right."""
        return Truth(labels=self.labels, masks=self.masks.flip(-1))


def extent(height: int, width: int, side: int) -> tuple[int, int]:
    """(height, width) in the frame of an image of this size.

    >>> extent(100, 200, 64)
    (32, 64)
    """
    scale = side / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def framed(image: npt.NDArray[np.uint8], side: int, device: str) -> torch.Tensor:
    """uint8 [H, W, 3] -> float32 [3, side, side] in 0..255."""
    pixels = torch.from_numpy(np.ascontiguousarray(image)).to(device).permute(2, 0, 1)[None].float()
    height, width = image.shape[:2]
    size = extent(height, width, side)
    if size != (height, width):
        pixels = functional.interpolate(pixels, size, mode="bilinear", antialias=True)
    return functional.pad(pixels, (0, side - size[1], 0, side - size[0]), value=GREY)[0]


def truth(scene: AnnotatedImage, side: int, stride: int, device: str) -> Truth:
    """An image's objects in its frame, at a 1/stride of its size; an object without a visible place is left out."""
    masks = object_masks(scene)
    seen = masks.any(axis=(1, 2))
    labels = torch.from_numpy(np.asarray(scene.labels, np.int64)[seen]).to(device)
    whole = torch.from_numpy(masks[seen]).to(device).float()[:, None]
    size = extent(masks.shape[1], masks.shape[2], side)
    if len(whole):
        whole = functional.interpolate(whole, size, mode="bilinear", antialias=True)
    padded = functional.pad(whole.reshape(-1, 1, *size), (0, side - size[1], 0, side - size[0]))
    return Truth(labels=labels, masks=functional.avg_pool2d(padded, stride)[:, 0])


def object_masks(scene: AnnotatedImage) -> Bools:
    """bool [N, H, W]: an image's own masks, or its boxes filled where it has none."""
    if scene.masks is not None:
        return np.asarray(scene.masks, bool).reshape(-1, *scene.image.shape[:2])
    return filled(scene.boxes, *scene.image.shape[:2])


def filled(boxes: npt.NDArray[Any], height: int, width: int) -> Bools:
    """bool [N, H, W]: the pixels whose centres lie in each of the boxes [N, 4] xyxy.

    >>> filled(np.array([[1.0, 0.0, 3.0, 1.0]]), 2, 4).astype(int).tolist()
    [[[0, 1, 1, 0], [0, 0, 0, 0]]]
    """
    corners = np.asarray(boxes, np.float64).reshape(-1, 4)
    left, top, right, bottom = (corners[:, [side]] for side in range(4))
    x, y = np.arange(width) + 0.5, np.arange(height) + 0.5
    rows, columns = ((near <= at) & (at < far) for near, at, far in ((top, y, bottom), (left, x, right)))
    inside: Bools = rows[:, :, None] & columns[:, None, :]
    return inside


def unframed(logits: torch.Tensor, height: int, width: int, side: int) -> torch.Tensor:
    """Mask logits [N, h, w] of a frame -> [N, height, width], in the image's own pixels."""
    inside = extent(height, width, side)
    whole = functional.interpolate(logits[None], (side, side), mode="bilinear", align_corners=False)
    cut = whole[:, :, : inside[0], : inside[1]]
    return functional.interpolate(cut, (height, width), mode="bilinear", align_corners=False)[0]


def boxes_of(masks: Bools) -> npt.NDArray[np.float32]:
    """float32 [N, 4] xyxy around masks bool [N, H, W], each of which has a pixel; the far corner is past the last one.

    >>> boxes_of(np.array([[[False, True, True], [False, False, True]]])).tolist()
    [[1.0, 0.0, 3.0, 2.0]]
    """
    columns, rows = np.asarray(masks.any(axis=1)), np.asarray(masks.any(axis=2))
    width, height = columns.shape[1], rows.shape[1]
    near = [columns.argmax(axis=1), rows.argmax(axis=1)]
    far = [width - columns[:, ::-1].argmax(axis=1), height - rows[:, ::-1].argmax(axis=1)]
    return np.stack([*near, *far], axis=1).astype(np.float32).reshape(-1, 4)
