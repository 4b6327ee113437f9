"""The Gaussians of classes with one covariance, as tensors: what needs a gradient, or a device, measures by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield_baselines.ood_detection.core import Floats, Ints
from farfield_baselines.ood_detection.mahalanobis import class_means, covariance_of, whitening

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Gaussians:
    """The classes in coordinates under which the squared length is the distance: map [D, R], means [K, R]."""

    whiten: torch.Tensor
    means: torch.Tensor

    def distances(self, rows: torch.Tensor) -> torch.Tensor:
        """Half the squared distance to each mean: [B, D] -> [B, K]; a gradient passes."""
        return 0.5 * (rows.double() @ self.whiten)[:, None].sub(self.means).square().sum(dim=2)


def gaussians(features: Floats, labels: Ints, device: str) -> Gaussians:
    """Of the classes that occur among the rows [N, D], in the order of their numbers."""
    import torch

    means, centred = class_means(features, labels)
    whiten = whitening(covariance_of(centred, 0.0))
    return Gaussians(whiten=torch.from_numpy(whiten).to(device), means=torch.from_numpy(means @ whiten).to(device))
