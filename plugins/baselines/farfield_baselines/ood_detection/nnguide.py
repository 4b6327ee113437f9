"""Nearest neighbour guidance (Park et al. 2023, arXiv 2309.14888, section 3)."""

from dataclasses import dataclass

import numpy as np

from farfield import setting
from farfield.numerics import logsumexp, unit
from farfield_baselines.ood_detection.core import Floats, Ints, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector

SHARE_HELP = "Share of the training images that guide, each class's first ones; OpenOOD's and the paper's is 0.01."


@dataclass(frozen=True, kw_only=True)
class Config:
    """How many images guide, and how many of them each image."""

    share: float = setting(0.01, ge=0.0001, le=1.0, help=SHARE_HELP)
    k: int = setting(100, ge=1, le=10000, help="How many neighbours are averaged over; OpenOOD's is 100.")


def first_share(labels: Ints, share: float) -> Ints:
    """Positions of each class's first images, that share of them, rounded up."""
    places = [np.flatnonzero(labels == c) for c in np.unique(labels)]
    return np.sort(np.concatenate([rows[: int(np.ceil(share * len(rows)))] for rows in places]))


def guidance(bank: Floats, features: Floats, k: int) -> Floats:
    """The mean of the k highest inner products with the bank's rows [N, D], of all where there are fewer: [B]."""
    products = features @ bank.T
    place = max(0, len(bank) - k)
    return np.asarray(np.partition(products, place, axis=1)[:, place:].mean(axis=1))


def nnguide(known: Known, config: Config) -> Score:
    """The energy score times the mean of cosine times energy over the nearest of the guiding images."""
    guides = known.seen.take(first_share(known.labels, config.share))
    bank = unit(guides.features) * logsumexp(guides.logits)[:, None]

    def score(seen: Seen) -> Floats:
        return guidance(bank, unit(seen.features), config.k) * logsumexp(seen.logits)

    return score


RULE = Rule(make=nnguide, fits=True)
DETECTOR = Detector(
    name="nnguide",
    title="Nearest neighbour guidance (NNGuide) of the energy score",
    rule=RULE,
    config=Config,
    papers=("Park et al. 2023, arXiv 2309.14888",),
)
SPEC = DETECTOR.spec
