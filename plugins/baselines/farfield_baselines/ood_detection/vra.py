"""Variational rectified activations (Xu et al. 2023, arXiv 2302.11716, section 3), as OpenOOD has them.

OpenOOD clips at both ends, where the paper sets to 0 what is below the lower one; and it takes both from ID validation
images, which no method is given here. Ours are from the training images, and the name says so.
"""

from dataclasses import dataclass

import numpy as np

from farfield import setting
from farfield_baselines.ood_detection.choice import CHOSEN, on_held_out_classes
from farfield_baselines.ood_detection.core import Floats, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.energy import negative_energy
from farfield_baselines.ood_detection.search import grid

GRID = tuple((low, high) for high in (85.0, 90.0, 95.0, 99.0) for low in (1.0, 5.0, 10.0, 15.0))  # OpenOOD v1.5's
HIGH_HELP = f"Activations above this percentile of the training images' are clipped; OpenOOD's is 90. 0: both {CHOSEN}."


@dataclass(frozen=True, kw_only=True)
class Config:
    """Where activations are clipped."""

    low: float = setting(10.0, ge=0.0, le=100.0, help="As `high`, from below; OpenOOD's is 10.")
    high: float = setting(90.0, ge=0.0, le=100.0, help=HIGH_HELP)

    def __post_init__(self) -> None:
        if 0.0 < self.high < self.low:
            raise ValueError(f"low: give at most high, which is {self.high:g}")


def with_percentiles(known: Known, percentiles: tuple[float, float]) -> Score:
    """The energy score of activations clipped at these percentiles of all activations of the ID training images."""
    floor, ceiling = np.percentile(known.seen.features, percentiles)

    def score(seen: Seen) -> Floats:
        return negative_energy(known.head(np.clip(seen.features, floor, ceiling)))

    return score


def vra(known: Known, config: Config) -> Score:
    """`with_percentiles`, chosen where they are not given."""
    given = (config.low, config.high)
    return with_percentiles(known, given if config.high else on_held_out_classes(with_percentiles, GRID, known))


RULE = Rule(make=vra, fits=True, grid=grid(high=(85.0, 90.0, 95.0, 99.0), low=(1.0, 5.0, 10.0, 15.0)))
DETECTOR = Detector(
    name="vra-train",
    title="VRA by the training images with the energy score",
    rule=RULE,
    config=Config,
    papers=("Xu et al. 2023, arXiv 2302.11716",),
)
SPEC = DETECTOR.spec
