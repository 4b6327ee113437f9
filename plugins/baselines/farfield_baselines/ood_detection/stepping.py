"""One step of an image against its own loss (ODIN, arXiv 1706.02690, equation 2)."""

from collections.abc import Callable

import torch
from torch.nn import functional

from farfield_baselines.ood_detection.core import Seen
from farfield_baselines.ood_detection.inside import seen_with
from farfield_baselines.ood_detection.models import Network

Pick = Callable[[torch.Tensor], torch.Tensor]


def largest(gradient: torch.Tensor) -> torch.Tensor:
    """1 at each image's value of the largest absolute gradient, 0 elsewhere: [B, 3, S, S]."""
    flat = gradient.abs().flatten(1)
    return torch.zeros_like(flat).scatter_(1, flat.argmax(dim=1, keepdim=True), 1.0).view_as(gradient)


def all_of_it(gradient: torch.Tensor) -> torch.Tensor:
    """1 everywhere."""
    return torch.ones_like(gradient)


@torch.enable_grad()
def towards_confidence(
    network: Network, pixels: torch.Tensor, temperature: float, epsilon: float, moved: Pick = all_of_it
) -> Seen:
    """What the network says of inputs [B, 3, S, S], and inside: its logits [B, C] after the step.

    `epsilon` is in units in which pixels lie in 0..1, so the step is divided by the deviation that inputs were.
    `moved` picks, by the gradient, the values that make the step.
    """
    inputs = pixels.detach().clone().requires_grad_(True)
    features = network.trunk(inputs)
    logits = network.classified(features)
    # A sum, so that an image's gradient does not depend on the size of its batch.
    loss = functional.cross_entropy(logits / temperature, logits.argmax(dim=1), reduction="sum")
    (gradient,) = torch.autograd.grad(loss, inputs)
    with torch.no_grad():
        step = epsilon * gradient.sign() * moved(gradient) / deviation(network, inputs)
        return seen_with(network, features, network.logits(inputs - step))


def deviation(network: Network, inputs: torch.Tensor) -> torch.Tensor:
    """What pixels in 0..1 were divided by, [1, 3, 1, 1]."""
    return torch.tensor(network.std, dtype=inputs.dtype, device=inputs.device).view(1, -1, 1, 1)
