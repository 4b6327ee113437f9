"""One step of an image against its own loss (ODIN, arXiv 1706.02690, equation 2)."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from farfield_baselines.ood_detection.models import Network

Floats = npt.NDArray[np.floating[Any]]


@torch.enable_grad()
def towards_confidence(
    network: Network, pixels: torch.Tensor, temperature: float, epsilon: float
) -> tuple[Floats, Floats]:
    """(logits [B, C] after the step, logits [B, C] before it) of inputs [B, 3, S, S].

    `epsilon` is in units in which pixels lie in 0..1, so the step is divided by the deviation that inputs were.
    """
    inputs = pixels.detach().clone().requires_grad_(True)
    before = network.logits(inputs)
    # A sum, so that an image's gradient does not depend on the size of its batch.
    loss = functional.cross_entropy(before / temperature, before.argmax(dim=1), reduction="sum")
    (gradient,) = torch.autograd.grad(loss, inputs)
    deviation = torch.tensor(network.std, dtype=inputs.dtype, device=inputs.device).view(1, -1, 1, 1)
    with torch.no_grad():
        after = network.logits(inputs - epsilon * gradient.sign() / deviation)
    return _array(after), _array(before)


def _array(logits: torch.Tensor) -> Floats:
    return np.asarray(logits.detach().float().cpu().numpy())
