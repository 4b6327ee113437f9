"""A small DINOv2, its weights and two images: the same numbers for its own code and for ours."""

from collections.abc import Mapping, Sequence

import torch

SIDE, PATCH, WIDTH, DEPTH, HEADS = 70, 14, 12, 5, 2


def tensors(shapes: Mapping[str, Sequence[int]]) -> dict[str, torch.Tensor]:
    """A tensor of each name and shape, whose values nothing but these make."""
    return {name: _wave(shape, len(name)) * 0.3 for name, shape in shapes.items()}


def images() -> torch.Tensor:
    """[2, 3, 28, 28], normalised already."""
    return _wave((2, 3, 28, 28), 5)


def _wave(shape: Sequence[int], start: int) -> torch.Tensor:
    count = torch.Size(shape).numel()
    return torch.sin(torch.arange(count, dtype=torch.float64) * 0.737 + start).reshape(tuple(shape)).float()
