"""OOD detection by OpenOOD v1.5's conventions: OOD is the positive class, ranked by minus the score.

Scores: higher = more in-distribution. Functions take `id_scores` [N] and `ood_scores` [M], N, M > 0, and return 0..1.
Source: Zhang et al. 2023 (arXiv 2306.09301) and the evaluation code of its release, which calls scikit-learn's
curves with their default options; these functions give the same numbers without it.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.floating]
Counts = npt.NDArray[np.int64]
Measure = Callable[[Scores, Scores], float]
RECALL = 0.95


def auroc(id_scores: Scores, ood_scores: Scores) -> float:
    """Area under the ROC curve; ties count one half.

    >>> auroc(np.array([3.0, 2.0]), np.array([1.0, 2.0]))
    0.875
    """
    hits, alarms = _roc_counts(id_scores, ood_scores)
    return _area(alarms / alarms[-1], hits / hits[-1])


def fpr95(id_scores: Scores, ood_scores: Scores) -> float:
    """False positive rate at the first threshold whose true positive rate is at least 95%; no interpolation."""
    hits, alarms = _roc_counts(id_scores, ood_scores)
    kept = _corners(hits, alarms)
    reached = np.argmax(hits[kept] / hits[-1] >= RECALL)
    return float(alarms[kept][reached] / alarms[-1])


def aupr_out(id_scores: Scores, ood_scores: Scores) -> float:
    """Area under the precision-recall curve with OOD positive, by the trapezoid rule (not average precision)."""
    return _aupr(-ood_scores, -id_scores)


def aupr_in(id_scores: Scores, ood_scores: Scores) -> float:
    """Area under the precision-recall curve with ID positive, by the trapezoid rule."""
    return _aupr(id_scores, ood_scores)


MEASURES: dict[str, Measure] = {"auroc": auroc, "fpr95": fpr95, "aupr-in": aupr_in, "aupr-out": aupr_out}


def _roc_counts(id_scores: Scores, ood_scores: Scores) -> tuple[Counts, Counts]:
    """(OOD found, ID flagged) at every distinct threshold, from none to all."""
    hits, alarms = _cumulative(-np.asarray(ood_scores), -np.asarray(id_scores))
    return np.r_[0, hits], np.r_[0, alarms]


def _cumulative(positive: Scores, negative: Scores) -> tuple[Counts, Counts]:
    """Positives and negatives at or above each distinct value, from the highest value down."""
    if not len(positive) or not len(negative):
        raise ValueError("detection needs at least one ID and one OOD score")
    values = np.r_[positive, negative]
    is_positive = np.r_[np.ones(len(positive), bool), np.zeros(len(negative), bool)]
    order = np.argsort(-values, kind="stable")
    ordered = values[order]
    last = np.r_[np.flatnonzero(np.diff(ordered)), len(ordered) - 1]
    hits = np.cumsum(is_positive[order])[last]
    return hits, last + 1 - hits


def _corners(hits: Counts, alarms: Counts) -> npt.NDArray[np.bool_]:
    """Drop points in the middle of equal steps, as scikit-learn's roc_curve does by default."""
    if len(hits) < 3:
        return np.ones(len(hits), bool)
    bends = (np.diff(hits, 2) != 0) | (np.diff(alarms, 2) != 0)
    return np.concatenate([[True], bends, [True]])


def _aupr(positive: Scores, negative: Scores) -> float:
    hits, alarms = _cumulative(np.asarray(positive), np.asarray(negative))
    precision = np.r_[1.0, hits / (hits + alarms)]
    return _area(np.r_[0.0, hits / hits[-1]], precision)


def _area(x: Scores, y: Scores) -> float:
    return float(((x[1:] - x[:-1]) * (y[1:] + y[:-1]) / 2).sum())
