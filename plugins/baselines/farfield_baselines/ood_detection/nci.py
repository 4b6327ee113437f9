"""Neural collapse inspired detector (Liu & Qin 2025, arXiv 2311.01479, section 4)."""

from dataclasses import dataclass

import numpy as np

from farfield import setting
from farfield_baselines.ood_detection.choice import CHOSEN, on_held_out_classes
from farfield_baselines.ood_detection.core import Floats, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.search import grid

GRID = (0.0001, 0.001, 0.01, 0.1)  # OpenOOD v1.5's and the authors'
HELP = f"Weight of the feature's L1 norm, the authors' 0.0001. -1 is {CHOSEN}, of theirs."


@dataclass(frozen=True, kw_only=True)
class Config:
    """How much the size of a feature counts beside its direction."""

    alpha: float = setting(0.0001, ge=-1.0, le=10.0, help=HELP)

    def __post_init__(self) -> None:
        if -1.0 < self.alpha < 0.0:
            raise ValueError("alpha: give 0 or more, or -1")


def with_alpha(known: Known, alpha: float) -> Score:
    """w . d / |d| + alpha |x|_1, d = x - the training images' mean, w the last layer's row of the predicted class."""
    middle = known.seen.features.astype(np.float64).mean(axis=0)

    def score(seen: Seen) -> Floats:
        best = seen.logits.argmax(axis=1)
        rows = known.head.rows(seen.features)[np.arange(len(best)), best]
        off = seen.features - middle
        lengths = np.maximum(np.linalg.norm(off, axis=1), 1e-12)
        aligned = (known.head.weight[rows] * off).sum(axis=1) / lengths
        return np.asarray(aligned + alpha * np.abs(seen.features).sum(axis=1))

    return score


def nci(known: Known, config: Config) -> Score:
    """`with_alpha`, chosen where it is not given."""
    return with_alpha(known, on_held_out_classes(with_alpha, GRID, known) if config.alpha == -1.0 else config.alpha)


RULE = Rule(make=nci, fits=True, grid=grid(alpha=GRID))
DETECTOR = Detector(
    name="nci",
    title="Closeness to the weight vector after neural collapse (NCI)",
    rule=RULE,
    config=Config,
    papers=("Liu & Qin 2025, arXiv 2311.01479",),
)
SPEC = DETECTOR.spec
