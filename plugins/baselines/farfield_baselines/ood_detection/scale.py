"""SCALE (Xu et al. 2024, arXiv 2310.00227, section 4): activations are scaled, and none is pruned."""

from dataclasses import dataclass

import numpy as np

from farfield import setting
from farfield_baselines.ood_detection.ash import GRID, sharpness
from farfield_baselines.ood_detection.choice import CHOSEN, on_held_out_classes
from farfield_baselines.ood_detection.core import Floats, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.energy import negative_energy
from farfield_baselines.ood_detection.search import grid

HELP = f"The factor compares the sum with that of the activations above this percentile; both use 85. -1 is {CHOSEN}."


@dataclass(frozen=True, kw_only=True)
class Config:
    """How much of each image's activations the factor leaves out."""

    percentile: float = setting(85.0, ge=-1.0, le=95.0, help=HELP)


def with_percentile(known: Known, percentile: float) -> Score:
    """The energy score of x exp(sum of x / sum of its highest activations)."""

    def score(seen: Seen) -> Floats:
        features = seen.features.astype(np.float64)
        return negative_energy(known.head(features * sharpness(features, percentile)[:, None]))

    return score


def scale(known: Known, config: Config) -> Score:
    """`with_percentile`, chosen where it is not given."""
    chosen = config.percentile == -1.0
    return with_percentile(known, on_held_out_classes(with_percentile, GRID, known) if chosen else config.percentile)


RULE = Rule(make=scale, fits=True, grid=grid(percentile=GRID))
DETECTOR = Detector(
    name="scale",
    title="Activation scaling (SCALE) with the energy score",
    rule=RULE,
    config=Config,
    papers=("Xu et al. 2024, arXiv 2310.00227",),
)
SPEC = DETECTOR.spec
