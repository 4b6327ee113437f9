"""A Gaussian mixture over one stage's feature maps, as OpenOOD v1.5 has it: one covariance for all components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from farfield import setting
from farfield.numerics import logsumexp
from farfield_baselines.ood_detection.core import Floats, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector

if TYPE_CHECKING:
    import torch

    from farfield_baselines.ood_detection.models import Network

STATISTICS = ("mean", "stat", "flat")
STATISTIC_HELP = "What is taken of a stage's maps: channel means, means and variances (stat), or all values (flat)."
STEPS, ENOUGH = 100, 1e-3  # of EM: at most so many, until the mean log-likelihood grows by less
FLOOR = 1e-6  # added to variances
PER_IMAGE = 4  # training images for each direction and each component, at least


@dataclass(frozen=True, kw_only=True)
class Config:
    """Of which stage, what of it, and how large a mixture: OpenOOD's are 3, flat, 50 and 50."""

    stage: int = setting(3, ge=1, le=64, help="Which stage of the network, from the first.")
    statistic: str = setting("flat", choices=STATISTICS, help=STATISTIC_HELP)
    dim: int = setting(
        50, ge=0, le=4096, help="Main directions that are kept, at most a quarter of the images; 0: all."
    )
    components: int = setting(50, ge=1, le=1000, help="Components, at most a quarter of the training images.")


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """weights [K], means [K, D] and the precision of all components [D, D]."""

    weights: Floats
    means: Floats
    precision: Floats

    def exponents(self, rows: Floats) -> Floats:
        """log weight - half the squared distance to each mean: [B, D] -> [B, K]."""
        root = np.linalg.cholesky(self.precision)
        whitened, centres = rows @ root, self.means @ root
        squared = np.square(whitened).sum(axis=1)[:, None] + np.square(centres).sum(axis=1) - 2 * whitened @ centres.T
        return np.asarray(np.log(self.weights) - 0.5 * squared)


def look(network: Network, pixels: torch.Tensor, config: Config) -> Seen:
    """Inside: the statistic of the stage's maps."""
    import torch

    from farfield_baselines.networks.watching import statistic, watched
    from farfield_baselines.ood_detection.inside import seen_with, stage

    chosen = stage(network, config.stage - 1)
    with torch.no_grad(), watched([chosen], lambda output: statistic(output, config.statistic)) as taken:
        features = network.trunk(pixels)
    return seen_with(network, features, *taken)


def main_directions(rows: Floats, dim: int) -> Floats:
    """The main directions of rows [N, D] about their mean: [D, dim]."""
    return np.asarray(np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)[2][:dim].T)


def started(rows: Floats, components: int) -> Mixture:
    """The mixture of the clusters that k-means finds, always from the same first centres."""
    from scipy.cluster.vq import kmeans2

    _, cluster = kmeans2(rows, components, minit="++", seed=0)
    shares = np.eye(components)[cluster]
    return maximised(rows, shares)


def maximised(rows: Floats, shares: Floats) -> Mixture:
    """The likeliest mixture when each row [N, D] belongs to the components by these shares [N, K]."""
    counts = shares.sum(axis=0) + 10 * np.finfo(np.float64).eps
    means = shares.T @ rows / counts[:, None]
    covariance = (rows.T @ rows - (counts * means.T) @ means) / counts.sum()
    covariance.flat[:: len(covariance) + 1] += FLOOR
    return Mixture(weights=counts / counts.sum(), means=means, precision=np.linalg.inv(covariance))


def fitted(rows: Floats, mixture: Mixture) -> Mixture:
    """EM from a first mixture (Dempster et al. 1977), to rows [N, D]."""
    before = -np.inf
    for _ in range(STEPS):
        exponents = mixture.exponents(rows)
        normaliser = logsumexp(exponents)
        likelihood = float(normaliser.mean() + 0.5 * np.linalg.slogdet(mixture.precision)[1])
        mixture = maximised(rows, np.exp(exponents - normaliser[:, None]))
        if abs(likelihood - before) < ENOUGH:
            break
        before = likelihood
    return mixture


def described(rows: Floats, dim: int, components: int) -> tuple[Mixture, Floats]:
    """(the mixture of rows [N, D] in their main directions, these [D, dim]); 0 is all directions.

    There are at most a quarter as many directions, and components, as rows.
    """
    most = max(1, len(rows) // PER_IMAGE)
    basis = main_directions(rows, min(dim, most)) if dim else np.eye(rows.shape[1])
    reduced = rows @ basis
    return fitted(reduced, started(reduced, min(components, most))), basis


def gmm(known: Known, config: Config) -> Score:
    """The log of the mixture's density, up to a constant."""
    mixture, basis = described(known.seen.inside[0].astype(np.float64), config.dim, config.components)
    return lambda seen: logsumexp(mixture.exponents(seen.inside[0] @ basis))


RULE = Rule(make=gmm, fits=True, look=look, maps=True)
DETECTOR = Detector(
    name="gmm",
    title="Gaussian mixture (GMM) over a stage's feature maps",
    rule=RULE,
    config=Config,
    papers=("Zhang et al. 2023, arXiv 2306.09301",),
)
SPEC = DETECTOR.spec
