"""What ZSCL's release and ours are given alike: logits of images over texts, and weights along a training."""

from collections.abc import Iterator

import torch
from torch import nn

TEMPERATURES = (1.0, 2.0, 5.0)
VISITS = 4


def logits() -> tuple[torch.Tensor, torch.Tensor]:
    """Of a teacher and a student, [6, 9] each."""
    generator = torch.Generator().manual_seed(11)
    first, second = torch.randn(2, 6, 9, generator=generator) * 3
    return first, second


def network() -> nn.Module:
    """As it is before a task."""
    return moved(nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2)), 0)


def along() -> Iterator[nn.Module]:
    """As it is at each time that weights are averaged."""
    for visit in range(1, VISITS + 1):
        yield moved(network(), visit)


def moved(model: nn.Module, visit: int) -> nn.Module:
    generator = torch.Generator().manual_seed(100 + visit)
    for parameter in model.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    return model
