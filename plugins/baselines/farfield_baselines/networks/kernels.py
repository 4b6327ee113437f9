"""A sum of Gaussian kernels, with its slope computed along with it: much less memory is moved than by autograd."""

from collections.abc import Sequence
from typing import Any

import torch

LEAST = -87.0  # the exponential of less is no normal float32, and arithmetic on such numbers is slow


class _GaussianSum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, squares: torch.Tensor, gammas: Sequence[float]) -> torch.Tensor:
        total, slope = torch.zeros_like(squares), torch.zeros_like(squares)
        part = torch.empty_like(squares)
        for gamma in gammas:
            torch.mul(squares, -gamma, out=part).clamp_(min=LEAST).exp_()
            total.add_(part)
            slope.sub_(part, alpha=gamma)
        ctx.save_for_backward(slope)
        return total

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor, None]:
        (slope,) = ctx.saved_tensors
        return grad * slope, None


def gaussian_sum(squares: torch.Tensor, gammas: Sequence[float]) -> torch.Tensor:
    """sum over gammas of exp(-gamma d) of each squared distance d, any shape. It has a first derivative only."""
    total: torch.Tensor = _GaussianSum.apply(squares, gammas)
    return total
