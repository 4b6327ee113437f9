"""What an image of a long tail counts: by how hard it is for its class, or by how far its label is to be trusted."""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
SMALLEST_CLASS = 5  # below it a class has no fifth that is harder than the others
MOST_SHARPENED = 10.0
DISTRUSTED, LEAST_TRUSTED = 0.01, 0.5


def by_difficulty(probabilities: Floats, labels: Ints, scale: float = 4.0) -> Floats:
    """The share of each image in its class [N] when harder images come more often; 1 in sum over each class.

    probabilities [N]: of each image's own class, in 0..1. The exponent makes the hardest fifth of a class count
    `scale` times as much as the other images, between 1 and 10; a class of fewer than 5 images stays uniform.
    Tang et al. 2022, arXiv 2207.09504.
    """
    shares = np.zeros(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        shares[members] = _shares(np.asarray(probabilities, np.float64)[members], scale)
    return shares


def _shares(probabilities: Floats, scale: float) -> Floats:
    size = len(probabilities)
    if size < SMALLEST_CLASS:
        return np.full(size, 1.0 / size)
    easy = probabilities - probabilities.min()
    hard = 1.0 - easy / (easy.max() + 1e-9) + 1e-5
    ordered = np.sort(hard)
    ratio = ordered[-int(size * 0.2) :].mean() / ordered[: int(size * 0.8)].mean() + 1e-5
    exponent = np.clip(np.log(scale) / np.log(ratio), 1.0, MOST_SHARPENED)
    sharpened = hard**exponent + 1e-12
    return np.asarray(sharpened / sharpened.sum())


def by_trust(probabilities: Floats, labels: Ints) -> Floats:
    """How far each label is to be trusted [N]: .01 where another class is likelier, elsewhere .5 to 1.

    probabilities [N, C] of a classifier that has the classes' frequency taken out; within .5 to 1 the weight is linear
    in the label's probability. Where all trusted images have the same, each counts .5.
    Yi et al. 2022, arXiv 2207.13378, H2E.
    """
    trusted = probabilities.argmax(axis=1) == labels
    weights = np.full(len(labels), DISTRUSTED)
    if trusted.any():
        highest = probabilities[trusted].max(axis=1)
        span = np.ptp(highest)
        place = (highest - highest.min()) / (span if span > 0 else 1.0)
        weights[trusted] = LEAST_TRUSTED + (1.0 - LEAST_TRUSTED) * place
    return weights
