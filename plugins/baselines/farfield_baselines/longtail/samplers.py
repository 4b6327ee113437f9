"""In which order a long tail's training images come: as they are, or with rare classes more often."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
PER_CLASS = 4  # images of a class in a row, as for ImageNet-LT


def counts_of(labels: Ints, classes: int) -> Ints:
    """Images of each class [C], 0 for one that has none; labels [N] in 0..C-1."""
    return np.bincount(labels, minlength=classes).astype(np.int64)


def class_aware(labels: Ints, rng: np.random.Generator, per_class: int = PER_CLASS) -> Ints:
    """Positions of one pass: every class in turn gives its next `per_class` images, and starts anew when it is through.

    The classes that occur are shuffled before each round, the images of a class before each of its own passes. A pass
    is as long as if every class were as large as the largest. Kang et al. 2020, arXiv 1910.09217, section 4.
    """
    present, sizes = np.unique(labels, return_counts=True)
    length = int(sizes.max()) * len(present)
    images = {int(label): _endless(np.flatnonzero(labels == label), rng) for label in present}
    drawn: list[int] = []
    for label in _endless(present, rng):
        if len(drawn) >= length:
            break
        drawn.extend(islice(images[label], per_class))
    return np.array(drawn[:length], np.int64)


def image_weights(labels: Ints, power: float) -> Floats:
    """The chance of each image [N], proportional to its class's count to the power -`power`; they sum to 1.

    0 draws images as they are, 1/2 by the square root, 1 balances the classes, 2 reverses the long tail: a class is
    then as frequent as it was rare (Yi et al. 2022, arXiv 2207.13378).
    """
    weights = np.bincount(labels)[labels].astype(np.float64) ** -power
    return np.asarray(weights / weights.sum())


def _endless(values: Ints, rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.permutation(values).tolist()
