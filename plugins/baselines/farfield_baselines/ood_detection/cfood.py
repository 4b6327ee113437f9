"""CFOOD, as OpenOOD v1.5 has it: how large a neighbourhood must be for some training images to count an image in."""

from dataclasses import dataclass

import numpy as np

from farfield import setting
from farfield.numerics import unit
from farfield_baselines.ood_detection.core import Floats, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.nnguide import first_share
from farfield_baselines.ood_detection.search import grid

SIZES = np.concatenate([np.linspace(0.001, 0.1, 100), np.linspace(0.105, 0.5, 81), np.linspace(0.51, 0.99, 49)])
LEAST = 2
SHARE_HELP = "Share of the training images that are referred to, each class's first ones; OpenOOD's is 0.1."


@dataclass(frozen=True, kw_only=True)
class Config:
    """How many images are referred to, and how many of them must agree."""

    share: float = setting(0.1, ge=0.0001, le=1.0, help=SHARE_HELP)
    agree: float = setting(
        0.01, ge=0.0001, le=1.0, help="Share of these that must count an image in; OpenOOD's is 0.01."
    )


def neighbourhoods(images: int) -> tuple[Floats, np.ndarray]:
    """(their sizes as shares of so many images, the places of their outermost neighbour), each place once."""
    places = np.array(SIZES * images - 1, dtype=np.int64)
    first = np.concatenate([[True], places[:-1] < places[1:]])
    return SIZES[first], places[first]


def cfood(known: Known, config: Config) -> Score:
    """Minus the least size at which that share of the images have it within their neighbourhood; -1 for none."""
    bank = unit(known.seen.features[first_share(known.labels, config.share)])
    if len(bank) < LEAST:
        raise ValueError(f"{len(bank)} training image has no neighbours; raise the setting share")
    sizes, places = neighbourhoods(len(bank))
    reach = np.sort(_squared(bank, bank), axis=1)[:, places + 1]  # the nearest is the image itself

    def score(seen: Seen) -> Floats:
        distances = _squared(unit(seen.features), bank)
        needed = np.stack([np.searchsorted(reach[n], distances[:, n]) for n in range(len(bank))], axis=1)
        counts = np.stack([(needed <= n).sum(axis=1) for n in range(len(sizes))], axis=1)
        agreed = np.asarray(counts / len(bank), np.float32) >= np.float32(config.agree)
        return -np.where(agreed.any(axis=1), sizes[agreed.argmax(axis=1)], 1.0)

    return score


def _squared(rows: Floats, others: Floats) -> Floats:
    return np.asarray(np.maximum(2.0 - 2.0 * (rows @ others.T), 0.0))


RULE = Rule(make=cfood, fits=True, grid=grid(agree=(0.001, 0.005, 0.01, 0.05), share=(0.1, 0.5, 1.0)))
DETECTOR = Detector(
    name="cfood",
    title="Least agreed neighbourhood (CFOOD)",
    rule=RULE,
    config=Config,
    papers=("Zhang et al. 2023, arXiv 2306.09301",),
)
SPEC = DETECTOR.spec
