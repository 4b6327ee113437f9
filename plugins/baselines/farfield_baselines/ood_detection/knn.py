"""Deep nearest neighbours (Sun et al. 2022, arXiv 2204.06507, section 3)."""

from dataclasses import dataclass

import numpy as np

from farfield import setting
from farfield.numerics import unit
from farfield_baselines.ood_detection.choice import CHOSEN, on_held_out_classes
from farfield_baselines.ood_detection.core import Floats, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.scratch import on_scratch
from farfield_baselines.ood_detection.search import grid

GRID = (1, 2, 3, 5, 10, 50, 100, 200, 500, 1000)
HELP = f"Which neighbour's distance counts, OpenOOD's 50; with fewer training images the farthest. 0 is {CHOSEN}."


@dataclass(frozen=True, kw_only=True)
class Config:
    """Which neighbour."""

    k: int = setting(50, ge=0, le=1000, help=HELP)


def minus_distance(bank: Floats, features: Floats, k: int) -> Floats:
    """Minus the distance of features [B, D] to the k-th nearest of the bank's rows [N, D], all unit: [B] in [-2, 0].

    With fewer than k rows the farthest counts.
    """
    squared = np.maximum(2.0 - 2.0 * (features @ bank.T), 0.0)
    place = min(k, len(bank)) - 1
    return np.asarray(-np.sqrt(np.partition(squared, place, axis=1)[:, place]))


def with_k(known: Known, k: int) -> Score:
    """Minus the distance to the k-th nearest training feature, all features of unit length."""
    bank = unit(known.seen.features)

    def score(seen: Seen) -> Floats:
        return minus_distance(bank, unit(seen.features), k)

    return score


def knn(known: Known, config: Config) -> Score:
    """`with_k`, chosen where it is not given."""
    return with_k(known, config.k or on_held_out_classes(with_k, GRID, known))


RULE = Rule(make=knn, fits=True, grid=grid(k=(50, 100, 200, 500, 1000)))
DETECTOR = Detector(
    name="knn",
    title="Distance to the K-th nearest training image",
    rule=RULE,
    config=Config,
    papers=("Sun et al. 2022, arXiv 2204.06507",),
)
SPEC = DETECTOR.on_any(lite0=DETECTOR.on_lite0, scratch=on_scratch(DETECTOR))
