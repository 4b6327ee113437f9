"""From stored pixels to a network's input."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch


class Normalise:
    """uint8 [B, H, W, 3] -> float32 [B, 3, H, W], (x - mean) / std per channel, on the device.

    `mean` and `std` are in units of the pixels, 0..255. The memory stays as it lies: channels last.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float], device: str) -> None:
        self._device = device
        self._mean, self._std = (torch.tensor(values, device=device).view(1, 3, 1, 1) for values in (mean, std))

    def __call__(self, images: npt.NDArray[Any] | torch.Tensor) -> torch.Tensor:
        given = images if isinstance(images, torch.Tensor) else torch.from_numpy(np.ascontiguousarray(images))
        tensor = given.to(self._device)
        return tensor.permute(0, 3, 1, 2).float().sub_(self._mean).div_(self._std)

    def to_unit(self, pixels: torch.Tensor) -> torch.Tensor:
        """The network's input [B, 3, H, W] back to 0..1."""
        return (pixels * self._std + self._mean) / 255.0

    def from_unit(self, images: torch.Tensor) -> torch.Tensor:
        """Images [B, 3, H, W] in 0..1 to the network's input."""
        return (images * 255.0 - self._mean) / self._std


def standardised(images: torch.Tensor) -> torch.Tensor:
    """[B, C, H, W] minus the mean and divided by the deviation of each image's channel; one that is flat is 0.

    RxRx1's transform in WILDS (Koh et al. 2021, arXiv 2012.07421); the deviation divides by H W - 1.
    """
    # By its extremes: rounding gives a flat channel a deviation of almost 0, and its noise the size of a signal.
    flat = images.amax(dim=(2, 3), keepdim=True) == images.amin(dim=(2, 3), keepdim=True)
    deviation = images.std(dim=(2, 3), keepdim=True)
    centred = images - images.mean(dim=(2, 3), keepdim=True)
    return torch.where(flat, 0.0, centred / torch.where(flat, 1.0, deviation))
