"""Neural relation graph (Kim et al. 2023, arXiv 2301.12321, section 3): the weight of an image's edges."""

from dataclasses import dataclass

import numpy as np

from farfield import setting
from farfield.numerics import softmax, unit
from farfield_baselines.ood_detection.choice import CHOSEN, on_held_out_classes
from farfield_baselines.ood_detection.core import Floats, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.search import grid

GRID = (1.0, 2.0, 4.0, 6.0, 8.0)  # OpenOOD v1.5's
WEAKEST = 0.03  # an edge of at most that counts as none
AT_ONCE = 65536  # training images whose edges are held at once
HELP = f"Exponent of an edge's weight, OpenOOD's and the paper's 1. 0 is {CHOSEN}."


@dataclass(frozen=True, kw_only=True)
class Config:
    """How much strong edges count more."""

    power: float = setting(1.0, ge=0.0, le=100.0, help=HELP)


def edges(cosines: Floats, agreements: Floats, power: float) -> Floats:
    """The sum of each row's edges: max(cosine, 0) times p . q, where above 0.03, to the power; [B, N] twice -> [B]."""
    weights = np.maximum(cosines, 0.0) * agreements
    return np.asarray((np.where(weights > WEAKEST, weights, 0.0) ** power).sum(axis=1))


def with_power(known: Known, power: float) -> Score:
    """The weight of an image's edges to the training images: how like they are, and how alike they are classified."""
    directions, probabilities = unit(known.seen.features), softmax(known.seen.logits)

    def score(seen: Seen) -> Floats:
        own, believed = unit(seen.features), softmax(seen.logits)
        parts = (slice(start, start + AT_ONCE) for start in range(0, len(directions), AT_ONCE))
        sums = (edges(own @ directions[part].T, believed @ probabilities[part].T, power) for part in parts)
        return np.asarray(np.sum(list(sums), axis=0))

    return score


def relation(known: Known, config: Config) -> Score:
    """`with_power`, chosen where it is not given."""
    return with_power(known, config.power or on_held_out_classes(with_power, GRID, known))


RULE = Rule(make=relation, fits=True, grid=grid(power=GRID))
DETECTOR = Detector(
    name="relation",
    title="Neural relation graph",
    rule=RULE,
    config=Config,
    papers=("Kim et al. 2023, arXiv 2301.12321",),
)
SPEC = DETECTOR.spec
