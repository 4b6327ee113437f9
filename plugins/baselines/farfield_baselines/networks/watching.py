"""What the layers of a network say while it runs, and statistics of that."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import nn

Value = TypeVar("Value")


@contextmanager
def watched(modules: Iterable[nn.Module], see: Callable[[torch.Tensor], Value]) -> Iterator[list[Value]]:
    """A list of what `see` says of each output of the modules, in the order in which they are computed."""
    seen: list[Value] = []
    hooks = [m.register_forward_hook(lambda _, __, output: seen.append(see(output))) for m in modules]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def by_channel(output: torch.Tensor) -> torch.Tensor:
    """A layer's output as [B, C, places]: of maps [B, C, H, W], of tokens [B, N, C], or of vectors [B, C]."""
    if output.dim() == 3:
        return output.transpose(1, 2)
    return output.flatten(2) if output.dim() > 2 else output[:, :, None]


def statistic(output: torch.Tensor, kind: str) -> torch.Tensor:
    """Of a layer's output: each channel's mean [B, C], mean and variance (stat) [B, 2C], or all values (flat)."""
    if kind == "flat":
        return output.flatten(1)
    places = by_channel(output)
    if kind == "mean" or places.shape[2] == 1:
        return places.mean(dim=2)
    return torch.cat([places.mean(dim=2), places.var(dim=2)], dim=1)
