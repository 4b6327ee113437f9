"""Multinomial logistic regression in NumPy, deterministic: full-batch L-BFGS in double precision from zero.

L-BFGS: Liu & Nocedal 1989, doi 10.1007/BF01589116, algorithm 2.1. The line search bisects until both of Wolfe's
conditions hold (Lewis & Overton 2013, doi 10.1007/s10107-012-0514-2, algorithm 2.6).
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield.numerics import logsumexp, softmax

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
ABSENT = -1e4  # the logit of a class that has no training image: finite, and below any other
MOST_STEPS, MOST_TRIALS, REMEMBERED = 500, 40, 20
FLAT, STILL = 1e-6, 1e-12  # the largest slope that ends it, and the least gain of a step that does not
DECREASE, CURVATURE = 1e-4, 0.9  # Wolfe's two constants


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A classifier on features: weight [K, D] and bias [K] for the classes `present` [K] of `classes` in all."""

    weight: Floats
    bias: Floats
    present: Ints
    classes: int

    def logits(self, features: npt.NDArray[Any]) -> Floats:
        """float32 [B, D] -> logits [B, C]; ABSENT for a class without training images."""
        logits = np.full((len(features), self.classes), ABSENT)
        logits[:, self.present] = features @ self.weight.T + self.bias
        return logits


def trained(features: npt.NDArray[Any], labels: Ints, l2: float, classes: int) -> Probe:
    """The probe of features [N, D] and labels [N]."""
    present, numbers = np.unique(labels, return_inverse=True)
    weight, bias = fit_softmax(features, numbers, l2)
    return Probe(weight=weight, bias=bias, present=present, classes=classes)


def fit_softmax(features: npt.NDArray[np.floating], labels: Ints, l2: float) -> tuple[Floats, Floats]:
    """Weight [K, D] and bias [K] that minimise sum_i CE(W x_i + b, y_i) + l2/2 |W|^2; the bias is not penalised.

    features [N, D]; labels [N] in 0..K-1, each occurring. scikit-learn's LogisticRegression with C = 1/l2.
    """
    inputs = np.column_stack([np.asarray(features, np.float64), np.ones(len(features))])
    problem = _Problem(inputs=inputs, labels=np.asarray(labels, np.int64), l2=l2)
    weights = _minimised(problem)
    return np.ascontiguousarray(weights[:, :-1]), weights[:, -1].copy()


@dataclass(frozen=True, kw_only=True)
class _Problem:
    """inputs [N, D + 1], whose last column is one, labels [N] and the strength of the penalty."""

    inputs: Floats
    labels: Ints
    l2: float

    def outputs(self, weights: Floats) -> Floats:
        """Weights [K, D + 1] -> logits [N, K]."""
        return self.inputs @ weights.T

    def value(self, weights: Floats, outputs: Floats) -> float:
        """What is minimised, of weights and their logits."""
        errors = logsumexp(outputs) - outputs[np.arange(len(outputs)), self.labels]
        return float(errors.sum() + 0.5 * self.l2 * np.square(weights[:, :-1]).sum())

    def slope(self, weights: Floats, outputs: Floats) -> Floats:
        """Its gradient [K, D + 1]."""
        wrong = softmax(outputs)
        wrong[np.arange(len(outputs)), self.labels] -= 1.0
        slope = wrong.T @ self.inputs
        slope[:, :-1] += self.l2 * weights[:, :-1]
        return np.asarray(slope)

    def along(self, at: "_Point", direction: Floats, moved: Floats, length: float) -> tuple[float, float]:
        """(the value, its slope along the direction) so far from a point; `moved` are the direction's logits."""
        weights, outputs = at.weights + length * direction, at.outputs + length * moved
        wrong = softmax(outputs)
        rising = (wrong * moved).sum() - moved[np.arange(len(moved)), self.labels].sum()
        held = self.l2 * (weights[:, :-1] * direction[:, :-1]).sum()
        return self.value(weights, outputs), float(rising + held)

    def at(self, weights: Floats, outputs: Floats) -> "_Point":
        """All that is known of some weights."""
        value, slope = self.value(weights, outputs), self.slope(weights, outputs)
        return _Point(weights=weights, outputs=outputs, value=value, slope=slope)


@dataclass(frozen=True, kw_only=True)
class _Point:
    """Weights [K, D + 1], their logits [N, K], what is minimised there, and its gradient."""

    weights: Floats
    outputs: Floats
    value: float
    slope: Floats


def _minimised(problem: _Problem) -> Floats:
    """The weights [K, D + 1]."""
    classes = int(problem.labels.max()) + 1
    zero = np.zeros((classes, problem.inputs.shape[1]))
    here = problem.at(zero, np.zeros((len(problem.inputs), classes)))
    changes = deque[tuple[Floats, Floats]](maxlen=REMEMBERED)
    for _ in range(MOST_STEPS):
        if np.abs(here.slope).max() <= FLAT:
            break
        direction = -_by_inverse_curvature(here.slope, changes)
        moved, falling = problem.outputs(direction), float((here.slope * direction).sum())
        length = _far_enough(partial(problem.along, here, direction, moved), here.value, falling)
        if length is None:
            break
        there = problem.at(here.weights + length * direction, here.outputs + length * moved)
        changes.append((there.weights - here.weights, there.slope - here.slope))
        gained, here = here.value - there.value, there
        if gained < STILL:
            break
    return here.weights


def _far_enough(along: Callable[[float], tuple[float, float]], value: float, falling: float) -> float | None:
    """How far to go; None where rounding hides what would be gained."""
    low, high, length = 0.0, np.inf, 1.0
    for _ in range(MOST_TRIALS):
        there, slope = along(length)
        if there > value + DECREASE * length * falling:
            high = length
        elif slope < CURVATURE * falling:
            low = length
        else:
            return length
        length = 0.5 * (low + high) if high < np.inf else 2.0 * length
    return None


def _by_inverse_curvature(slope: Floats, changes: Sequence[tuple[Floats, Floats]]) -> Floats:
    """The slope times what the last steps (of weights, of slopes) say of the inverse Hessian."""
    found, shares = slope.copy(), []
    for step, bent in reversed(changes):
        share = (step * found).sum() / (step * bent).sum()
        found -= share * bent
        shares.append(share)
    if changes:
        step, bent = changes[-1]
        found *= (step * bent).sum() / (bent * bent).sum()
    for (step, bent), share in zip(changes, reversed(shares), strict=True):
        found += (share - (bent * found).sum() / (step * bent).sum()) * step
    return found
