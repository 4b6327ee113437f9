"""Made boards: hits of methods of known accuracies on the same examples, which are hard for all of them alike."""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from farfield_evaluators.inference.resampling import Floats, Outcomes

COMMON = 0.7  # correlation of what two methods find hard


def hits(accuracies: Sequence[float], examples: int, seed: int) -> Floats:
    """0.0 or 1.0 [N, M], each method right with its accuracy."""
    rng = np.random.default_rng(seed)
    ease = np.sqrt(COMMON) * rng.standard_normal((examples, 1))
    ease = ease + np.sqrt(1 - COMMON) * rng.standard_normal((examples, len(accuracies)))
    return (ease < [NormalDist().inv_cdf(accuracy) for accuracy in accuracies]).astype(np.float64)


def board(accuracies: Sequence[float], examples: int = 400, seed: int = 0) -> Outcomes:
    return Outcomes(values=hits(accuracies, examples, seed))
