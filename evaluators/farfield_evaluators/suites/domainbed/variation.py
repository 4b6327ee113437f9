"""Variation and informativeness of a checkpoint's predictions, for the fourth selection rule.

Ye et al. (NeurIPS 2021, arXiv 2106.04496, section 2) define both for a feature, by a distance between its distributions
given the class. The feature here is the predicted class, which is what is stored of a checkpoint, and the distance is
the total variation, which is exact for it. The paper estimates densities of the network's features instead.
"""

import itertools

import numpy as np
import numpy.typing as npt

from farfield_evaluators.suites.domainbed.selection import Statistics

Ints = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float64]


def prediction_statistics(predicted: Ints, labels: Ints, environments: Ints, classes: int) -> Statistics:
    """Of examples of the training environments: predicted [N] and labels [N] in 0..classes-1, environments [N].

    Variation is the largest distance, over the classes and the pairs of environments that have them, between the
    predictions for one class in two environments; 0 where no class is in two. Informativeness is the mean, over the
    pairs of classes, of the least distance within an environment between the predictions for the two; 0 for one class.
    """
    rates = [_rates(predicted[of], labels[of], classes) for of in _masks(environments)]
    between = [_distances(one, other) for one, other in itertools.combinations(rates, 2)]
    return Statistics(
        variation=float(max((d[~np.isnan(d)].max(initial=0.0) for d in between), default=0.0)),
        informativeness=_informativeness(rates, classes),
    )


def _masks(environments: Ints) -> list[npt.NDArray[np.bool_]]:
    return [environments == number for number in np.unique(environments)]


def _rates(predicted: Ints, labels: Ints, classes: int) -> Floats:
    """[classes, classes]: how often each class is predicted, given the label; a row of NaN for a label without any."""
    counts = np.zeros((classes, classes))
    np.add.at(counts, (labels, predicted), 1.0)
    totals = counts.sum(axis=1, keepdims=True)
    rates: Floats = np.divide(counts, totals, out=np.full_like(counts, np.nan), where=totals > 0)
    return rates


def _distances(one: Floats, other: Floats) -> Floats:
    """Total variation [rows] between the distributions in the rows; NaN where one is not known."""
    distances: Floats = np.abs(one - other).sum(axis=-1) / 2
    return distances


def _informativeness(rates: list[Floats], classes: int) -> float:
    least = [_least(rates, a, b) for a, b in itertools.combinations(range(classes), 2)]
    known = [value for value in least if value is not None]
    return float(np.mean(known)) if known else 0.0


def _least(rates: list[Floats], a: int, b: int) -> float | None:
    """The least distance between the predictions for classes a and b, over environments that have both."""
    distances = np.array([_distances(r[a], r[b]) for r in rates])
    known = distances[~np.isnan(distances)]
    return float(known.min()) if len(known) else None
