"""ReAct (Sun et al. 2021, arXiv 2111.12797, section 3): features clipped from above, then the energy score.

OpenOOD takes the ceiling from ID validation images, which no method is given here; ours is from the training images,
and the name says so.
"""

from dataclasses import dataclass

import numpy as np

from farfield import setting
from farfield_baselines.ood_detection.choice import CHOSEN, on_held_out_classes
from farfield_baselines.ood_detection.core import Floats, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.energy import negative_energy
from farfield_baselines.ood_detection.search import grid

GRID = (85.0, 90.0, 95.0, 99.0)  # OpenOOD v1.5's
HELP = f"Activations are clipped at this percentile of the training images'; the paper uses 90. 0 is {CHOSEN}."


@dataclass(frozen=True, kw_only=True)
class Config:
    """Where activations are clipped."""

    percentile: float = setting(90.0, ge=0.0, le=100.0, help=HELP)


def with_percentile(known: Known, percentile: float) -> Score:
    """The energy score after min(x, c), c being that percentile of all activations of the ID training images."""
    ceiling = float(np.percentile(known.seen.features, percentile))

    def score(seen: Seen) -> Floats:
        return negative_energy(known.head(np.minimum(seen.features, ceiling)))

    return score


def react(known: Known, config: Config) -> Score:
    """`with_percentile`, chosen where it is not given."""
    return with_percentile(known, config.percentile or on_held_out_classes(with_percentile, GRID, known))


RULE = Rule(make=react, fits=True, grid=grid(percentile=GRID))
DETECTOR = Detector(
    name="react-train",
    title="ReAct by the training images with the energy score",
    rule=RULE,
    config=Config,
    papers=("Sun et al. 2021, arXiv 2111.12797",),
)
SPEC = DETECTOR.spec
