"""DICE, directed sparsification (Sun & Li 2022, arXiv 2111.09805, section 3)."""

from dataclasses import dataclass, replace

import numpy as np

from farfield import setting
from farfield_baselines.ood_detection.core import Floats, Head, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.energy import negative_energy

HELP = "Share of the last layer's weights that is set to 0, in percent; OpenOOD's is 90, and the paper's varies."


@dataclass(frozen=True, kw_only=True)
class Config:
    """How much of the last layer is left out."""

    percentile: float = setting(90.0, ge=0.0, le=99.9, help=HELP)


def sparse(head: Head, mean: Floats, percentile: float) -> Head:
    """The last layer with those weights alone whose contribution, times the mean feature [D], is above the percentile.

    The percentile is over the rows that belong to a class.
    """
    contribution = head.weight * mean
    least = np.percentile(contribution[np.unique(np.concatenate(head.members))], percentile)
    return replace(head, weight=np.where(contribution > least, head.weight, 0.0))


def dice(known: Known, config: Config) -> Score:
    """The energy score of the sparse layer's logits."""
    head = sparse(known.head, known.seen.features.mean(axis=0), config.percentile)

    def score(seen: Seen) -> Floats:
        return negative_energy(head(seen.features))

    return score


RULE = Rule(make=dice, fits=True)
DETECTOR = Detector(
    name="dice",
    title="Directed sparsification (DICE) with the energy score",
    rule=RULE,
    config=Config,
    papers=("Sun & Li 2022, arXiv 2111.09805",),
)
SPEC = DETECTOR.spec
