"""OOD detection by OpenOOD v1.5's conventions: OOD is the positive class, ranked by minus the score.

Scores: higher = more in-distribution. Functions take `id_scores` [N] and `ood_scores` [M], N, M > 0, and return 0..1.
Source: Zhang et al. 2023 (arXiv 2306.09301) and the evaluation code of its release, which calls scikit-learn's
curves with their default options; these functions give the same numbers without it.

`CLASSIC` holds what earlier papers report, with ID as the positive class (Hendrycks & Gimpel 2017, arXiv 1610.02136;
Liang et al. 2018, arXiv 1706.02690). Those have names of their own. AUROC is the same number in both conventions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.floating]
Counts = npt.NDArray[np.int64]
RECALL = 0.95


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many ID and OOD images have each distinct score, from the lowest score up: both [V]."""

    id_counts: Counts
    ood_counts: Counts


Measure = Callable[[Tally], float]


def tally(id_scores: Scores, ood_scores: Scores) -> Tally:
    """The counts that every measure here is a function of. Raises ValueError when one side has no score."""
    if not len(id_scores) or not len(ood_scores):
        raise ValueError("detection needs at least one ID and one OOD score")
    values, place = np.unique(np.r_[id_scores, ood_scores], return_inverse=True)
    parts = place[: len(id_scores)], place[len(id_scores) :]
    id_counts, ood_counts = (np.bincount(part, minlength=len(values)) for part in parts)
    return Tally(id_counts=id_counts, ood_counts=ood_counts)


def auroc(id_scores: Scores, ood_scores: Scores) -> float:
    """Area under the ROC curve; ties count one half.

    >>> auroc(np.array([3.0, 2.0]), np.array([1.0, 2.0]))
    0.875
    """
    return tallied_auroc(tally(id_scores, ood_scores))


def fpr95(id_scores: Scores, ood_scores: Scores) -> float:
    """False positive rate at the first threshold whose true positive rate is at least 95%; no interpolation."""
    return tallied_fpr95(tally(id_scores, ood_scores))


def aupr_out(id_scores: Scores, ood_scores: Scores) -> float:
    """Area under the precision-recall curve with OOD positive, by the trapezoid rule (not average precision)."""
    return tallied_aupr_out(tally(id_scores, ood_scores))


def aupr_in(id_scores: Scores, ood_scores: Scores) -> float:
    """Area under the precision-recall curve with ID positive, by the trapezoid rule."""
    return tallied_aupr_in(tally(id_scores, ood_scores))


def fpr95_classic(id_scores: Scores, ood_scores: Scores) -> float:
    """Share of OOD images at or above the highest threshold that keeps at least 95% of the ID images.

    >>> fpr95_classic(np.array([4.0, 3.0, 2.0]), np.array([2.0, 1.0])), fpr95(np.array([4.0, 3.0]), np.array([3.5]))
    (0.5, 0.5)
    """
    return tallied_fpr95_classic(tally(id_scores, ood_scores))


def aupr_in_classic(id_scores: Scores, ood_scores: Scores) -> float:
    """Average precision with ID positive: the precision at each threshold, weighted by its gain in recall."""
    return tallied_ap_in(tally(id_scores, ood_scores))


def aupr_out_classic(id_scores: Scores, ood_scores: Scores) -> float:
    """Average precision with OOD positive."""
    return tallied_ap_out(tally(id_scores, ood_scores))


def tallied_auroc(of: Tally) -> float:
    """AUROC from counts."""
    hits, alarms = _roc_counts(of)
    return _area(alarms / alarms[-1], hits / hits[-1])


def tallied_fpr95(of: Tally) -> float:
    """FPR95 from counts."""
    hits, alarms = _roc_counts(of)
    kept = _corners(hits, alarms)
    reached = np.argmax(hits[kept] / hits[-1] >= RECALL)
    return float(alarms[kept][reached] / alarms[-1])


def tallied_aupr_out(of: Tally) -> float:
    """AUPR-out from counts."""
    return _aupr(of.ood_counts, of.id_counts)


def tallied_aupr_in(of: Tally) -> float:
    """AUPR-in from counts."""
    return _aupr(of.id_counts[::-1], of.ood_counts[::-1])


def tallied_fpr95_classic(of: Tally) -> float:
    """FPR95 with ID positive, from counts."""
    kept, taken = np.cumsum(of.id_counts[::-1]), np.cumsum(of.ood_counts[::-1])
    reached = np.argmax(kept / kept[-1] >= RECALL)
    return float(taken[reached] / taken[-1])


def tallied_ap_in(of: Tally) -> float:
    """Average precision with ID positive, from counts."""
    return _average_precision(of.id_counts[::-1], of.ood_counts[::-1])


def tallied_ap_out(of: Tally) -> float:
    """Average precision with OOD positive, from counts."""
    return _average_precision(of.ood_counts, of.id_counts)


MEASURES: Mapping[str, Measure] = {
    "auroc": tallied_auroc,
    "fpr95": tallied_fpr95,
    "aupr-in": tallied_aupr_in,
    "aupr-out": tallied_aupr_out,
}
CLASSIC: Mapping[str, Measure] = {
    "fpr95-classic": tallied_fpr95_classic,
    "aupr-in-classic": tallied_ap_in,
    "aupr-out-classic": tallied_ap_out,
}


def _roc_counts(of: Tally) -> tuple[Counts, Counts]:
    """(OOD found, ID flagged) at every distinct threshold, from none to all."""
    return np.r_[0, np.cumsum(of.ood_counts)], np.r_[0, np.cumsum(of.id_counts)]


def _corners(hits: Counts, alarms: Counts) -> npt.NDArray[np.bool_]:
    """Drop points in the middle of equal steps, as scikit-learn's roc_curve does by default."""
    if len(hits) < 3:
        return np.ones(len(hits), bool)
    bends = (np.diff(hits, 2) != 0) | (np.diff(alarms, 2) != 0)
    return np.concatenate([[True], bends, [True]])


def _aupr(positive: Counts, negative: Counts) -> float:
    hits, precision = _precision(positive, negative)
    return _area(np.r_[0.0, hits / hits[-1]], np.r_[1.0, precision])


def _average_precision(positive: Counts, negative: Counts) -> float:
    hits, precision = _precision(positive, negative)
    return float((positive / hits[-1] * precision).sum())


def _precision(positive: Counts, negative: Counts) -> tuple[Counts, npt.NDArray[np.float64]]:
    """Positives found and precision at each threshold, from the most certain down."""
    hits, alarms = np.cumsum(positive), np.cumsum(negative)
    return hits, hits / (hits + alarms)


def _area(x: Scores, y: Scores) -> float:
    return float(((x[1:] - x[:-1]) * (y[1:] + y[:-1]) / 2).sum())
