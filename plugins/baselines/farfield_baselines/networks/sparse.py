"""Multinomial logistic regression with an L1 penalty, deterministic: accelerated proximal gradient from zero.

FISTA (Beck & Teboulle 2009, doi 10.1137/080716542, section 4) with a restart whenever the objective rises
(O'Donoghue & Candes 2015, doi 10.1007/s10208-013-9150-3).
"""

import numpy as np
import numpy.typing as npt

from farfield.numerics import Floats, logsumexp, softmax

MOST_STEPS = 2000
TOLERANCE = 1e-9  # of the objective, relative, over CHECKED steps
CHECKED = 20


def fit_sparse_softmax(features: npt.NDArray[np.floating], labels: npt.NDArray[np.int64], c: float) -> Floats:
    """Weights [K, D + 1], the last column the bias, that minimise c sum_i CE_i + |W|_1; the bias is not penalised.

    features [N, D]; labels [N] in 0..K-1. The strength is scikit-learn's C.
    """
    inputs = np.column_stack([np.asarray(features, np.float64), np.ones(len(features))])
    wanted = np.eye(int(labels.max()) + 1)[labels]
    # The Hessian of the softmax is at most 1/2 (Boehning 1992, doi 10.1007/BF00048682).
    step = 1.0 / (0.5 * c * float(np.linalg.norm(inputs, 2)) ** 2)
    return _descended(inputs, wanted, c, step)


def objective(weights: Floats, inputs: Floats, wanted: Floats, c: float) -> float:
    """What is minimised, of weights [K, D + 1] and inputs [N, D + 1] whose last column is one."""
    logits = inputs @ weights.T
    errors = logsumexp(logits) - (logits * wanted).sum(axis=1)
    return float(c * errors.sum() + np.abs(weights[:, :-1]).sum())


def _descended(inputs: Floats, wanted: Floats, c: float, step: float) -> Floats:
    weights = ahead = np.zeros((wanted.shape[1], inputs.shape[1]))
    momentum, value, before = 1.0, np.inf, np.inf
    for number in range(MOST_STEPS):
        slope = c * (softmax(inputs @ ahead.T) - wanted).T @ inputs
        moved = _shrunk(ahead - step * slope, step)
        now = objective(moved, inputs, wanted, c)
        if now > value:
            ahead, momentum = weights, 1.0
            continue
        faster = 0.5 * (1.0 + np.sqrt(1.0 + 4.0 * momentum**2))
        ahead = moved + (momentum - 1.0) / faster * (moved - weights)
        weights, momentum, value = moved, faster, now
        if number % CHECKED == 0:
            if before - value <= TOLERANCE * value:
                break
            before = value
    return weights


def _shrunk(weights: Floats, by: float) -> Floats:
    """Soft thresholding of all but the bias."""
    shrunk = np.sign(weights) * np.maximum(np.abs(weights) - by, 0.0)
    shrunk[:, -1] = weights[:, -1]
    return shrunk
