"""From a batch of the benchmark to tensors."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch


def to_inputs(images: npt.NDArray[Any], device: str) -> torch.Tensor:
    """uint8 [B, H, W, C] -> float32 [B, C, H, W] in 0..1; what is floating point keeps its values.

    That is ready features, [B, D], and images that were normalised when they were stored, [B, H, W, C].
    """
    tensor = torch.from_numpy(np.ascontiguousarray(images)).to(device)
    if tensor.ndim == 2:
        return tensor.float()
    channels_first = tensor.permute(0, 3, 1, 2)
    return channels_first.float() if tensor.is_floating_point() else channels_first.float().div_(255.0)


def shape_of(images: npt.NDArray[Any]) -> tuple[int, ...]:
    """One input's shape as tensors have it: (C, H, W) of images [B, H, W, C], (D,) of features [B, D]."""
    if images.ndim == 2:
        return (images.shape[1],)
    _, height, width, channels = images.shape
    return channels, height, width


def to_labels(labels: npt.NDArray[np.int64], device: str) -> torch.Tensor:
    """Class numbers, int64 [B]."""
    return torch.from_numpy(np.ascontiguousarray(labels, np.int64)).to(device)
