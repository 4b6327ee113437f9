"""Cuts balanced data to a long tail: how many images each class keeps, and which ones, by a seed.

The profile is that of long-tailed CIFAR (Cui et al., CVPR 2019, arXiv 1901.05555, section 5.1; Cao et al., NeurIPS
2019, arXiv 1906.07413): from class to class the number shrinks by the same factor.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
_ROUNDING = 1e-9  # 60 / 3 must be 20, and not 19 for a power that is off in its last digit


def profile(classes: int, most: int, ratio: float) -> tuple[int, ...]:
    """How many images the class of each rank keeps: n_i = most * ratio^(-i / (classes - 1)), rounded down.

    ratio: images of the first class for each of the last one's, at least 1. Raises ValueError for a profile without a
    tail, or whose last class keeps no image.

    >>> profile(3, 100, 100)
    (100, 10, 1)
    """
    if classes < 2 or ratio < 1:
        raise ValueError(f"a long tail is over 2 classes or more with a ratio of at least 1, not {classes} and {ratio}")
    counts = tuple(int(most * ratio ** (-rank / (classes - 1)) + _ROUNDING) for rank in range(classes))
    if counts[-1] < 1:
        raise ValueError(f"with {most} images in the first class and a ratio of {ratio:g} the last class keeps none")
    return counts


def by_size(labels: Ints, classes: int) -> Ints:
    """The classes [C] from the one with most examples to that with fewest; of equal ones the lower number first."""
    return np.argsort(-np.bincount(labels, minlength=classes), kind="stable").astype(np.int64)


def long_tailed(labels: Ints, counts: Sequence[int], seed: int) -> Ints:
    """Positions, ascending, of the examples that are kept of `labels` [N]: of class c as many as counts[c].

    They are drawn class by class, each with its own generator of the seed: what one class keeps does not depend on the
    others. Raises ValueError naming each class that has fewer.
    """
    members = [np.flatnonzero(labels == number) for number in range(len(counts))]
    short = [
        f"class {number} has {len(own)} examples and should keep {count}"
        for number, (own, count) in enumerate(zip(members, counts, strict=True))
        if len(own) < count
    ]
    if short:
        raise ValueError("; ".join(short))
    drawn = [
        np.random.default_rng([seed, number]).permutation(own)[:count]
        for number, (own, count) in enumerate(zip(members, counts, strict=True))
    ]
    kept: Ints = np.sort(np.concatenate(drawn)).astype(np.int64)
    return kept
