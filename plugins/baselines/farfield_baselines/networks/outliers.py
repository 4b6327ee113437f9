"""Outliers of images that are there: drawn at the edge of classes, mixed of several, or with what counts undone."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional

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


class Latest:
    """The latest vectors [N, D] of each class, at most `kept`."""

    def __init__(self, classes: int, width: int, kept: int, device: str) -> None:
        self.rows = [torch.zeros(0, width, device=device) for _ in range(classes)]
        self._kept = kept

    def remember(self, rows: torch.Tensor, labels: torch.Tensor) -> None:
        """Put rows [B, D] into their classes' memories, and the oldest out."""
        for number in set(labels.tolist()):
            self.rows[number] = torch.cat([self.rows[number], rows[labels == number].detach()])[-self._kept :]


@dataclass(frozen=True, kw_only=True)
class Beyond:
    """How outliers are drawn beyond neighbours (Tao et al. 2023, arXiv 2303.02966, section 3.1).

    Of a class's vectors the `boundary` with the farthest k-th neighbour are at its boundary; about each of `centres` of
    those, by chance, are `draws` with deviation `spread`, of which the `outliers` with the farthest k-th neighbour
    count. Neighbours are on the sphere.
    """

    k: int
    boundary: int
    centres: int
    draws: int
    outliers: int
    spread: float

    def drawn(self, rows: torch.Tensor) -> torch.Tensor:
        """Of one class's vectors [N, D]: [centres * outliers, D], fewer where there are fewer."""
        boundary = rows[self.distance(rows, rows).topk(min(self.boundary, len(rows))).indices]
        centres = boundary[torch.randperm(len(boundary))[: self.centres]]
        around = centres[:, None] + self.spread * torch.randn(1, self.draws, rows.shape[1]).to(rows.device)
        count = min(self.outliers, self.draws)
        return torch.cat([draws[self.distance(draws, rows).topk(count).indices] for draws in around])

    def distance(self, points: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """From each point to its k-th neighbour among the rows, at most the farthest: [P]."""
        directions, of_rows = (functional.normalize(part, dim=1) for part in (points, rows))
        return torch.cdist(directions, of_rows).kthvalue(min(self.k, len(rows)), dim=1).values


def undone(inputs: torch.Tensor, gradient: torch.Tensor, share: float, step: float) -> torch.Tensor:
    """Inputs [B, ...] moved along the gradient of what is to be undone, where it is largest: in a share of the values.

    ASCOOD's (Regmi 2024, arXiv 2411.10794); OpenOOD moves by `step` times the gradient.
    """
    sizes = gradient.abs().flatten(1)
    places = sizes.topk(max(1, int(sizes.shape[1] * share)), dim=1).indices
    moves = torch.zeros_like(sizes).scatter(1, places, 1.0).view_as(inputs)
    return inputs + step * gradient * moves


def shuffled(inputs: torch.Tensor, gradient: torch.Tensor, share: float) -> torch.Tensor:
    """Images [B, C, H, W], or vectors [B, D], in which the share of the pixels with the highest gradient is shuffled.

    A pixel's channels stay together, and its gradient is the sum over them of its exponential, as in OpenOOD.
    """
    pixels = inputs.flatten(2) if inputs.dim() > 2 else inputs[:, None]
    weight = gradient.exp().view_as(pixels).sum(dim=1)
    places = weight.topk(max(1, int(weight.shape[1] * share)), dim=1).indices
    order = torch.rand(places.shape).argsort(dim=1).to(inputs.device)
    to, source = (p[:, None].expand(-1, pixels.shape[1], -1) for p in (places, places.gather(1, order)))
    return pixels.scatter(2, to, pixels.gather(2, source)).view_as(inputs)


def _farthest(drawn: int, width: int) -> torch.Tensor:
    """The longest of so many standard normal vectors [D]."""
    best = torch.zeros(width)
    for start in range(0, drawn, TOGETHER):
        rows = torch.randn(min(TOGETHER, drawn - start), width)
        longest = rows[rows.square().sum(dim=1).argmax()]
        best = longest if longest.square().sum() > best.square().sum() else best
    return best
