"""Generalized entropy (Liu et al. 2023, CVPR, section 3)."""

from dataclasses import dataclass

import numpy as np

from farfield import setting
from farfield.numerics import softmax
from farfield_baselines.ood_detection.core import Floats, Known, Rule, Score
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.search import grid


@dataclass(frozen=True, kw_only=True)
class Config:
    """The entropy's exponent, and how many probabilities it is taken of."""

    gamma: float = setting(0.1, ge=0.001, le=10.0, help="Exponent of p and 1 - p; OpenOOD and the paper use 0.1.")
    highest: int = setting(100, ge=1, le=1000000, help="How many of an image's probabilities count; both use 100.")


def minus_entropy(probabilities: Floats, gamma: float, highest: int) -> Floats:
    """- sum over the highest probabilities p of (p (1 - p))^gamma: [B, C] -> [B], at most 0."""
    ordered = np.sort(probabilities, axis=1)[:, -highest:]
    return np.asarray(-((ordered * (1.0 - ordered)) ** gamma).sum(axis=1))


def gen(_: Known, config: Config) -> Score:
    """Minus the generalized entropy of the model's own probabilities."""
    return lambda seen: minus_entropy(softmax(seen.logits), config.gamma, config.highest)


GAMMAS = (0.01, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
RULE = Rule(make=gen, fits=False, grid=grid(gamma=GAMMAS, highest=(10, 50, 100, 200, 500, 1000)))
DETECTOR = Detector(
    name="gen",
    title="Generalized entropy (GEN)",
    rule=RULE,
    config=Config,
    papers=("Liu et al. 2023, openreview Sie7oeTABS",),
)
SPEC = DETECTOR.spec
