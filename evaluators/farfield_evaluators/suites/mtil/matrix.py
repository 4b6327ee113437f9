"""Transfer, Average and Last of accuracies a[j, i] on task i after learning task j (Zheng et al. 2023, section 4).

Both axes [T, T] are in the order in which tasks are learned. Pure functions.
"""

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.floating]


def before(matrix: Matrix) -> Matrix:
    """Of each task but the first [T - 1] its mean accuracy before it was learned.

    >>> before(np.array([[0.9, 0.5, 0.3], [0.8, 0.9, 0.1], [0.7, 0.8, 0.9]]))
    array([0.5, 0.2])
    """
    return np.array([matrix[:task, task].mean() for task in range(1, len(matrix))])


def transfer(matrix: Matrix) -> float:
    """The mean over tasks of the accuracy before they are learned: what is left of knowing them from before."""
    return float(before(matrix).mean())


def average(matrix: Matrix) -> float:
    """The mean over all times and tasks."""
    return float(matrix.mean())


def last(matrix: Matrix) -> float:
    """The mean over tasks when all are learned."""
    return float(matrix[-1].mean())
