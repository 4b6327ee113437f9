"""Discrete adversarial images (Mao et al. 2022, arXiv 2209.07735)."""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

from farfield_baselines.networks.fine_tuning import Loss
from farfield_baselines.networks.pixels import Normalise

Tokenizer = Callable[[torch.Tensor], torch.Tensor]  # images [B, 3, H, W] in -1..1 -> the same shape and range


def discrete_adversarial(
    network: nn.Module, tokenizer: Tokenizer, normalise: Normalise, *, step: float, weight: float
) -> Loss:
    """Cross-entropy on the images plus `weight` times that on their discrete adversarial versions."""

    def loss(pixels: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        hard = adversary(network, tokenizer, normalise, pixels, labels, step)
        risk = functional.cross_entropy(network(pixels), labels)
        return risk + weight * functional.cross_entropy(network(hard), labels)

    return loss


def adversary(
    network: nn.Module,
    tokenizer: Tokenizer,
    normalise: Normalise,
    pixels: torch.Tensor,
    labels: torch.Tensor,
    step: float,
) -> torch.Tensor:
    """Q(x + step sign(g)), g the gradient of the loss at Q(x); inputs and result are the network's [B, 3, H, W].

    Q is not differentiable: as in the paper, the gradient at its output is taken for that at its input. The sign and
    the step in units of 0..1 are our reading.
    """
    plain = normalise.to_unit(pixels.detach())
    rebuilt = _through(tokenizer, plain).requires_grad_(True)
    risk = functional.cross_entropy(network(normalise.from_unit(rebuilt)), labels)
    (gradient,) = torch.autograd.grad(risk, rebuilt)
    return normalise.from_unit(_through(tokenizer, plain + step * gradient.sign()))


@torch.no_grad()
def _through(tokenizer: Tokenizer, images: torch.Tensor) -> torch.Tensor:
    """Images in 0..1, clipped to it, through the tokenizer."""
    return (tokenizer(2.0 * images.clamp(0.0, 1.0) - 1.0) + 1.0) / 2.0
