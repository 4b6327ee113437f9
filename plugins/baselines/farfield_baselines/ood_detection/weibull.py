"""Weibull tails as libMR fits them (Scheirer et al. 2011, doi 10.1109/TPAMI.2011.54): how extreme a distance is."""

from dataclasses import dataclass

import numpy as np

from farfield_baselines.ood_detection.core import Floats

SHIFT = 1.0  # libMR moves the smallest of the tail there, so that all are positive
STEEPEST = 1e4


@dataclass(frozen=True, kw_only=True)
class Tail:
    """The distribution of the largest of some values; `least` is the smallest of them."""

    least: float
    scale: float
    shape: float

    def __call__(self, values: Floats) -> Floats:
        """The share of the tail below each value, in [0, 1]."""
        moved = np.maximum(values - self.least + SHIFT, 0.0)
        return np.asarray(-np.expm1(-((moved / self.scale) ** self.shape)))


def tail_of(values: Floats, size: int) -> Tail | None:
    """The likeliest Weibull distribution of the `size` largest values; None where they do not differ."""
    from scipy.optimize import brentq

    largest = np.sort(np.asarray(values, np.float64))[-size:]
    if len(largest) < 2 or largest[0] == largest[-1]:
        return None
    moved = largest - largest[0] + SHIFT
    logs = np.log(moved)

    def slope(shape: float) -> float:
        """Of the likelihood in the shape, whose one root is its maximum; powers are relative to the largest."""
        weights = np.exp(shape * (logs - logs[-1]))
        return float((weights * logs).sum() / weights.sum() - 1.0 / shape - logs.mean())

    shape = float(brentq(slope, 1e-3, STEEPEST)) if slope(STEEPEST) > 0 else STEEPEST
    scale = float(np.exp(logs[-1]) * np.mean(np.exp(shape * (logs - logs[-1]))) ** (1.0 / shape))
    return Tail(least=float(largest[0]), scale=scale, shape=shape)
