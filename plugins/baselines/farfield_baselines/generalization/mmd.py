"""Maximum mean discrepancy between domains (Li et al. 2018, CVPR, "adversarial feature learning")."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from farfield_baselines.generalization.alignment import Alignment, AlignmentConfig
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch

GAMMAS = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)


class MMD(Alignment):
    """The squared discrepancy under a sum of Gaussian kernels; DomainBed's form, without the autoencoder."""

    def gaps(self, features: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        return discrepancies(features)


def discrepancy(first: torch.Tensor, second: torch.Tensor, gammas: Sequence[float] = GAMMAS) -> torch.Tensor:
    """mean k(a, a') + mean k(b, b') - 2 mean k(a, b), over all pairs: [B1, D], [B2, D] -> a scalar."""
    return discrepancies([first, second], gammas)[0]


def discrepancies(features: Sequence[torch.Tensor], gammas: Sequence[float] = GAMMAS) -> list[torch.Tensor]:
    """The discrepancy of each pair of domains, of the features [B, D] each; one kernel over all rows serves all."""
    import torch

    rows, sizes = torch.cat(list(features)), [len(f) for f in features]
    strips = torch.split(kernel(rows, rows, gammas), sizes)
    means = [[block.mean() for block in torch.split(strip, sizes, dim=1)] for strip in strips]
    return [means[a][a] + means[b][b] - 2.0 * means[a][b] for a, b in combinations(range(len(sizes)), 2)]


def kernel(first: torch.Tensor, second: torch.Tensor, gammas: Sequence[float] = GAMMAS) -> torch.Tensor:
    """sum over gammas of exp(-gamma |a - b|^2): [B1, D], [B2, D] -> [B1, B2]."""
    from farfield_baselines.networks.kernels import gaussian_sum

    # By the squares: the root in torch.cdist has no gradient at zero.
    products = first @ second.T
    squares = first.square().sum(1)[:, None] + second.square().sum(1)[None] - 2.0 * products
    apart = squares.clamp(min=1e-30)
    return gaussian_sum(apart, gammas)


SPEC = declare(
    "mmd",
    MMD,
    "MMD: the risk, and the maximum mean discrepancy between the domains' features.",
    ("Li et al. 2018, CVPR, Domain generalization with adversarial feature learning",),
    config=AlignmentConfig,
)
