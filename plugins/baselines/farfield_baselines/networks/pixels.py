"""Pixels as the Lite0 trunk was trained on them."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch


def to_network(images: npt.NDArray[Any], device: str) -> torch.Tensor:
    """uint8 [B, H, W, 3] -> float32 [B, 3, H, W], (x - 127) / 128, in channels-last memory (as it lies already)."""
    tensor = torch.from_numpy(np.ascontiguousarray(images)).to(device)
    return tensor.permute(0, 3, 1, 2).float().sub_(127.0).div_(128.0)
