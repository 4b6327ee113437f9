"""Accuracy and its standard error over examples."""

import math

import numpy as np
import numpy.typing as npt


def correct(logits: npt.NDArray[np.floating], labels: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether the highest logit [N, C] is the label's [N]; the first of equal logits counts, as in argmax."""
    return np.asarray(logits.argmax(axis=1) == labels)


def accuracy(hits: npt.NDArray[np.bool_]) -> float:
    """Share of hits [N], N > 0, in 0..1.

    >>> accuracy(np.array([True, False, True, True]))
    0.75
    """
    if len(hits) == 0:
        raise ValueError("the accuracy of no examples is undefined")
    return float(hits.mean())


def binomial_stderr(share: float, count: int) -> float:
    """Standard error of a share of `count` independent examples: sqrt(p (1 - p) / n)."""
    return math.sqrt(share * (1 - share) / count)


def mean_stderr(errors: list[float]) -> float:
    """Standard error of the unweighted mean of independent figures with these standard errors."""
    return math.sqrt(sum(e * e for e in errors)) / len(errors)
