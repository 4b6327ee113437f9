"""What detectors see inside of a network: its stages, and the network with a layer's output changed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from farfield.errors import ConfigError
from farfield_baselines.ood_detection.core import Head, Look, Seen, joined
from farfield_baselines.ood_detection.models import Body, Network

TOGETHER = 16  # images at a time: a gradient through them is held


@dataclass(frozen=True, kw_only=True)
class Looking:
    """A network as a rule that looks inside of it sees it."""

    network: Network
    look: Look
    config: Any

    @property
    def head(self) -> Head:
        return self.network.head

    def see(self, inputs: npt.NDArray[Any]) -> Seen:
        """uint8 [B, H, W, 3] -> what the rule looks at."""
        return in_parts(inputs, lambda part: self.look(self.network, self.network.pixels(part), self.config))


def in_parts(inputs: npt.NDArray[Any], see: Callable[[npt.NDArray[Any]], Seen]) -> Seen:
    """What is seen of some images at a time, as of all."""
    return joined([see(inputs[start : start + TOGETHER]) for start in range(0, len(inputs), TOGETHER)])


def body_of(network: Network) -> Body:
    """The network's body. Raises ConfigError for one without."""
    if network.body is None:
        raise ConfigError(["model: this detector looks at feature maps; take lite0 or a model of timm's"])
    return network.body


def stage(network: Network, number: int) -> nn.Module:
    """The module that ends a stage: 0 is the first, -1 the last. Raises ConfigError where there are not so many."""
    body = body_of(network)
    if not -len(body.stages) <= number < len(body.stages):
        raise ConfigError([f"stage: this model has {len(body.stages)} stages; there is none with number {number + 1}"])
    return body.network.get_submodule(body.stages[number])


@contextmanager
def altered(module: nn.Module, change: Callable[[torch.Tensor], torch.Tensor]) -> Iterator[None]:
    """The module's output is what `change` makes of it, inside."""
    hook = module.register_forward_hook(lambda _, __, output: change(output))
    try:
        yield
    finally:
        hook.remove()


def seen_with(network: Network, features: torch.Tensor, *inside: torch.Tensor) -> Seen:
    """Features [B, D] with their logits, and what else was looked at."""
    said = network.said(features)
    return Seen(features=said.features, logits=said.logits, inside=tuple(array(part) for part in inside))


def array(values: torch.Tensor) -> npt.NDArray[np.float32]:
    """On the host, as float32."""
    return np.asarray(values.detach().float().cpu().numpy())
