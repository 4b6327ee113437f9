"""Accuracies of logits [N, C] against labels [N], and their standard errors over examples."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Logits = npt.NDArray[np.floating]
Labels = npt.NDArray[np.int64]
Hits = npt.NDArray[np.bool_]
CHUNK_VALUES = 1 << 22
"""Logits looked at together: with C = 1000 about 4,000 rows, some 32 MiB in double precision."""


def correct(logits: Logits, labels: Labels) -> Hits:
    """Whether the highest logit [N, C] is the label's [N]; the first of equal logits counts, as in argmax."""
    return np.asarray(logits.argmax(axis=1) == labels)


def in_top(logits: Logits, labels: Labels, k: int) -> Hits:
    """Whether the label's logit [N] is among the k highest of [N, C]; of equal logits the first ones count.

    With k = 1 it is `correct`. A label that is no class is never found.

    >>> in_top(np.array([[3.0, 2.0, 2.0], [1.0, 1.0, 0.0]]), np.array([2, 1]), 2)
    array([False,  True])
    """
    return np.concatenate([np.zeros(0, bool), *(_rank(*part) < k for part in chunks(logits, labels))])


def _rank(logits: Logits, labels: Labels) -> Labels:
    """How many classes are ahead of the label's; C for a label that is no class."""
    count = logits.shape[1]
    real = (labels >= 0) & (labels < count)
    own = logits[np.arange(len(labels)), np.where(real, labels, 0)][:, None]
    before = np.arange(count) < labels[:, None]
    ahead: Labels = ((logits > own) | ((logits == own) & before)).sum(axis=1)
    return np.where(real, ahead, count)


def chunks(logits: Logits, labels: Labels) -> Iterator[tuple[Logits, Labels]]:
    """Both in parts of about `CHUNK_VALUES` logits, so that no step needs several copies of all."""
    rows = max(1, CHUNK_VALUES // max(1, logits.shape[1]))
    for start in range(0, len(labels), rows):
        yield logits[start : start + rows], labels[start : start + rows]


def all_finite(values: npt.NDArray[Any]) -> bool:
    """Whether all of an array [N, ...] is finite; it is looked at in parts, so that it need not fit in memory."""
    rows = max(1, CHUNK_VALUES // max(1, math.prod(values.shape[1:])))
    return all(bool(np.isfinite(values[start : start + rows]).all()) for start in range(0, len(values), rows))


def accuracy(hits: Hits) -> float:
    """Share of hits [N], N > 0, in 0..1.

    >>> accuracy(np.array([True, False, True, True]))
    0.75
    """
    if len(hits) == 0:
        raise ValueError("the accuracy of no examples is undefined")
    return float(hits.mean())


def per_class_accuracy(hits: Hits, labels: Labels, classes: int) -> npt.NDArray[np.float64]:
    """Share of hits among each class's examples [C], in 0..1; NaN, and never 0, for a class without examples.

    >>> per_class_accuracy(np.array([True, False, True]), np.array([0, 0, 2]), 3)
    array([0.5, nan, 1. ])
    """
    counts = np.bincount(labels, minlength=classes)
    found = np.full(classes, np.nan)
    np.divide(np.bincount(labels, weights=hits, minlength=classes), counts, out=found, where=counts > 0)
    return found


def class_accuracy(hits: Hits, labels: Labels, classes: int) -> tuple[float, float | None]:
    """Mean of the accuracies of the classes that have examples, 0..1, and its standard error.

    The error takes the classes as fixed and the examples as drawn; None where a class has only one.
    """
    counts = np.bincount(labels, minlength=classes)
    shares = per_class_accuracy(hits, labels, classes)[counts > 0]
    sizes = counts[counts > 0]
    mean = math.fsum(shares) / len(shares)
    if (sizes < 2).any():
        return mean, None
    return mean, math.sqrt(math.fsum(shares * (1 - shares) / (sizes - 1))) / len(shares)


def binomial_stderr(share: float, count: int) -> float:
    """Standard error of a share of `count` independent examples: sqrt(p (1 - p) / n)."""
    return math.sqrt(share * (1 - share) / count)


def mean_stderr(errors: Sequence[float]) -> float:
    """Standard error of the unweighted mean of independent figures with these standard errors."""
    return math.sqrt(sum(e * e for e in errors)) / len(errors)
