"""Outliers of images that are there: drawn at the edge of classes, or mixed of images inside and outside of them."""

from collections.abc import Sequence

import torch

RIDGE = 1e-4  # added to variances, as VOS' code has it
TOGETHER = 1000  # draws at a time


def least_likely(classes: Sequence[torch.Tensor], drawn: int) -> torch.Tensor:
    """Of each class's Gaussian the least likely of so many draws: features [N_k, D] each -> [K, D].

    The Gaussians have the classes' means and one covariance, that within classes (Du et al. 2022, equation 3). Under it
    the least likely draw is the one farthest from the mean in whitened coordinates, so it is drawn there.
    """
    means = torch.stack([rows.mean(dim=0) for rows in classes])
    centred = torch.cat([rows - mean for rows, mean in zip(classes, means, strict=True)])
    width = centred.shape[1]
    covariance = centred.T @ centred / len(centred) + RIDGE * torch.eye(width, device=centred.device)
    root = torch.linalg.cholesky(covariance)
    outliers: torch.Tensor = means + torch.stack([_farthest(drawn, width).to(centred.device) for _ in classes]) @ root.T
    return outliers


def mixed(inputs: torch.Tensor, others: torch.Tensor, share: float) -> torch.Tensor:
    """share of the inputs and the rest of the others, value by value, [B, ...] both."""
    return share * inputs + (1 - share) * others


def pasted(inputs: torch.Tensor, others: torch.Tensor, share: float) -> tuple[torch.Tensor, float]:
    """(images [B, C, H, W] with a rectangle of the others, the share of the pixels that is their own).

    The rectangle's sides are sqrt(1 - share) of the images', about a centre drawn anywhere, and cut at the border.
    """
    height, width = inputs.shape[2:]
    sides = [int(side * (1 - share) ** 0.5) for side in (height, width)]
    centres = [int(torch.randint(side, ())) for side in (height, width)]
    (top, bottom), (left, right) = (
        (max(centre - side // 2, 0), min(centre + side // 2, whole))
        for centre, side, whole in zip(centres, sides, (height, width), strict=True)
    )
    result = inputs.clone()
    result[:, :, top:bottom, left:right] = others[:, :, top:bottom, left:right]
    return result, 1 - (bottom - top) * (right - left) / (height * width)


def _farthest(drawn: int, width: int) -> torch.Tensor:
    """The longest of so many standard normal vectors [D]."""
    best = torch.zeros(width)
    for start in range(0, drawn, TOGETHER):
        rows = torch.randn(min(TOGETHER, drawn - start), width)
        longest = rows[rows.square().sum(dim=1).argmax()]
        best = longest if longest.square().sum() > best.square().sum() else best
    return best
