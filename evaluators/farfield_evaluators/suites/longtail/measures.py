"""What long-tailed results are measured by besides accuracy: GLT's precision and F1, as pure functions of arrays.

Tang et al., Invariant Feature Learning for Generalized Long-Tailed Classification, ECCV 2022 (arXiv 2207.09504),
section 3.3: methods for long tails trade precision of tail classes for their accuracy, which accuracy alone hides.
"""

import math

import numpy as np
import numpy.typing as npt

from farfield_evaluators.metrics.classification import Hits, Labels

Shares = npt.NDArray[np.float64]


def precision_shares(predicted: Labels, hits: Hits) -> Shares:
    """Of each example [N] what it adds to precision: 1 / (examples predicted as its class) where it is a hit, else 0.

    predicted: the class that each example [N] is taken for.

    >>> precision_shares(np.array([0, 0, 1]), np.array([True, False, True]))
    array([0.5, 0. , 1. ])
    """
    counts = np.bincount(predicted)
    return np.where(hits, 1.0 / counts[predicted], 0.0)


def precision(shares: Shares, labels: Labels) -> float:
    """The sum of the examples' shares [N], N > 0, over the number of classes that their labels [N] have; 0..1.

    Over all examples of a test it is the mean over its classes of correct / predicted, where a class that nothing is
    predicted as counts 0. Over some of them, such as a bucket's, predictions are still counted over all examples, as
    GLT's code has it.

    >>> precision(np.array([0.5, 0.0, 1.0]), np.array([0, 1, 1]))
    0.75
    """
    return math.fsum(shares) / len(np.unique(labels))


def f1(recall: float, precise: float) -> float:
    """The harmonic mean of the two figures, which is no mean of classes' F1; 0 where both are 0.

    >>> f1(0.5, 0.75)
    0.6
    """
    return 2 * recall * precise / (recall + precise) if recall + precise else 0.0
