"""Softmax, log-sum-exp and unit length over rows, in double precision."""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def logsumexp(logits: npt.NDArray[Any]) -> Floats:
    """log sum_c exp(logits[b, c]): [B, C] -> [B].

    >>> logsumexp(np.array([[0.0, 0.0]])).round(4).tolist()
    [0.6931]
    """
    values = np.asarray(logits, np.float64)
    highest = values.max(axis=1)
    return np.asarray(highest + np.log(np.exp(values - highest[:, None]).sum(axis=1)))


def softmax(logits: npt.NDArray[Any]) -> Floats:
    """Probabilities [B, C] of logits [B, C].

    >>> softmax(np.array([[0.0, 0.0]])).tolist()
    [[0.5, 0.5]]
    """
    shifted = np.asarray(logits, np.float64)
    exponentials = np.exp(shifted - shifted.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def unit(rows: npt.NDArray[Any]) -> Floats:
    """Rows [N, D] divided by their Euclidean length; a row of zeros stays one.

    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    values = np.asarray(rows, np.float64)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return values / np.where(lengths > 0, lengths, 1.0)
