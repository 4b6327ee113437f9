"""Correlation alignment (Sun & Saenko 2016, arXiv 1607.01719), over all pairs of training domains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farfield_baselines.generalization.alignment import Alignment, AlignmentConfig
from farfield_baselines.generalization.core import declare

if TYPE_CHECKING:
    import torch


class CORAL(Alignment):
    """The distance of the first two moments."""

    def distance(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        return moments_apart(first, second)


def moments_apart(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Mean squared difference of the means, plus that of the covariances: [B1, D], [B2, D] -> a scalar.

    The mean is DomainBed's addition to the paper's covariances.
    """
    means = (first.mean(0) - second.mean(0)).square().mean()
    return means + (covariance(first) - covariance(second)).square().mean()


def covariance(rows: torch.Tensor) -> torch.Tensor:
    """[B, D] -> [D, D], divided by B - 1 (by 1 for a single row)."""
    centred = rows - rows.mean(0)
    return centred.T @ centred / max(1, len(rows) - 1)


SPEC = declare(
    "coral",
    CORAL,
    "CORAL: the risk, and how far the means and covariances of the domains' features are apart.",
    ("Sun & Saenko 2016, arXiv 1607.01719",),
    config=AlignmentConfig,
)
