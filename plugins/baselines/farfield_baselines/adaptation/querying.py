"""Which examples to ask the labels of: scores of a pool, the smallest asked first. Pure functions of probabilities."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Ints = npt.NDArray[np.int64]
Score = Callable[[Floats], Floats]


def margin(probabilities: Floats) -> Floats:
    """How far the best class is ahead of the second, of [N, C] with two classes or more: [N].

    >>> margin(np.array([[0.5, 0.25, 0.25], [0.0, 0.75, 0.25]])).tolist()
    [0.25, 0.5]
    """
    best = np.sort(probabilities, axis=1)
    return np.asarray(best[:, -1] - best[:, -2])


def certainty(probabilities: Floats) -> Floats:
    """The negative entropy of each row of [N, C], in nats."""
    logs = np.log(np.maximum(probabilities, np.finfo(np.float64).tiny))
    return np.asarray((probabilities * logs).sum(axis=1))


def class_weights(classes: Ints, certain: Floats, most: int) -> Floats:
    """How frequent each example's class is among the `most` that are most certain, as a share of the most frequent.

    Of predicted classes [N] and of how certain they are [N]: [N] in 0..1.
    """
    surest = classes[np.argsort(-certain, kind="stable")[:most]]
    counts = np.bincount(surest, minlength=int(classes.max()) + 1)
    return np.asarray(counts[classes] / counts.max())


def contrastive(
    probabilities: Floats, before: Floats | None, *, ratio: float, most: int, class_weight: float
) -> Floats:
    """LFTL's score (Lyu et al. 2024) of [N, C], `before` being those of the model a round earlier: [N].

    The margin of p + ratio (p - before), over its largest; and `class_weight` times how frequent the predicted class is
    among the `most` with the largest margins, so that classes that the model is seldom sure of come first.
    """
    boosted = probabilities if before is None else probabilities + ratio * (probabilities - before)
    margins = margin(boosted)
    if class_weight == 0:
        return margins
    frequent = class_weights(probabilities.argmax(axis=1), margins, most)
    return np.asarray(margins / margins.max() + class_weight * frequent)
