"""Correlation alignment (Sun & Saenko 2016, arXiv 1607.01719), over all pairs of training domains."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from farfield_baselines.generalization.alignment import Alignment, AlignmentConfig
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch

    Moments = tuple[torch.Tensor, torch.Tensor]


class CORAL(Alignment):
    """The distance of the first two moments."""

    def gaps(self, features: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        return [apart(a, b) for a, b in combinations(map(moments, features), 2)]


def moments_apart(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """The distance of features [B1, D] and [B2, D]; a scalar."""
    return apart(moments(first), moments(second))


def moments(rows: torch.Tensor) -> Moments:
    """Mean [D] and covariance [D, D] of [B, D]."""
    return rows.mean(0), covariance(rows)


def apart(first: Moments, second: Moments) -> torch.Tensor:
    """Mean squared difference of the means, plus that of the covariances; a scalar.

    The mean is DomainBed's addition to the paper's covariances.
    """
    (mean, spread), (other, others_spread) = first, second
    return (mean - other).square().mean() + (spread - others_spread).square().mean()


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
