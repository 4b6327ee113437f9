"""OOD detection by OpenOOD v1.5's conventions: OOD is the positive class, ranked by minus the score.

Scores: higher = more in-distribution. Functions take `id_scores` [N] and `ood_scores` [M], N, M > 0, and return 0..1.
Source: Zhang et al. 2023 (arXiv 2306.09301) and the evaluation code of its release, which calls scikit-learn's
curves with their default options; these functions give the same numbers without it.

`CLASSIC` holds what earlier papers report, with ID as the positive class (Hendrycks & Gimpel 2017, arXiv 1610.02136;
Liang et al. 2018, arXiv 1706.02690). Those have names of their own. AUROC is the same number in both conventions.
FPR95 with ID positive is read in four ways, by whose code it is: see docs/metrics.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.floating]
Counts = npt.NDArray[np.int64]
Found = tuple[Counts, Counts, npt.NDArray[np.float64]]
RECALL = 0.95


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many ID and OOD images have each distinct score, from the lowest score up: both [V].

    right_counts: how many of the ID images with a score are classified rightly, where that is known. What several
    measures need of them is computed once.
    """

    id_counts: Counts
    ood_counts: Counts
    right_counts: Counts | None = None

    @cached_property
    def out_found(self) -> Found:
        """(OOD found, ID flagged, precision) at each threshold from the lowest up, with OOD positive."""
        return _found(self.ood_counts, self.id_counts)

    @cached_property
    def in_found(self) -> Found:
        """(ID kept, OOD taken, precision) at each threshold from the highest down, with ID positive."""
        return _found(self.id_counts[::-1], self.ood_counts[::-1])


Measure = Callable[[Tally], float]


def tally(id_scores: Scores, ood_scores: Scores, right: npt.NDArray[np.bool_] | None = None) -> Tally:
    """The counts that every measure here is a function of. Raises ValueError when one side has no score.

    right: which of the ID images are classified rightly, for the measures that ask it.
    """
    if not len(id_scores) or not len(ood_scores):
        raise ValueError("detection needs at least one ID and one OOD score")
    values, place = np.unique(np.r_[id_scores, ood_scores], return_inverse=True)
    parts = place[: len(id_scores)], place[len(id_scores) :]
    id_counts, ood_counts = (np.bincount(part, minlength=len(values)) for part in parts)
    right_counts = None if right is None else np.bincount(parts[0][right], minlength=len(values))
    return Tally(id_counts=id_counts, ood_counts=ood_counts, right_counts=right_counts)


def detection_error(id_scores: Scores, ood_scores: Scores) -> float:
    """The least mean of the shares of ID images below, and of OOD images at or above, one threshold.

    Liang et al. 2018 (arXiv 1706.02690, section 4.2). OpenOOD tries 100,000 thresholds; these are all that differ.

    >>> detection_error(np.array([4.0, 3.0, 1.0, 5.0]), np.array([2.0, 0.0]))
    0.125
    """
    return tallied_detection_error(tally(id_scores, ood_scores))


def ccr_at_fpr(id_scores: Scores, ood_scores: Scores, right: npt.NDArray[np.bool_], rate: float) -> float:
    """Share of ID images that are classified rightly and score above all but a share `rate` of the OOD images.

    Dhamija et al. 2018 (arXiv 1811.04110, equation 6), as OpenOOD reads it: the threshold is the score of OOD image
    ceil(rate M), from the highest, and what equals it is not above.

    >>> ccr_at_fpr(np.array([4.0, 3.0, 1.0, 5.0]), np.array([2.0, 0.0]), np.array([True, True, True, False]), 0.5)
    0.5
    """
    return CorrectAt(rate=rate)(tally(id_scores, ood_scores, right))


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


def fpr95_nearest(id_scores: Scores, ood_scores: Scores) -> float:
    """Share of OOD images at or above the threshold whose ID recall is nearest to 95%, above it or below (COOkeD's).

    Of equally near thresholds the lowest, but none below the one that keeps all ID images.
    """
    return tallied_fpr95_nearest(tally(id_scores, ood_scores))


def fpr95_id_interp(id_scores: Scores, ood_scores: Scores) -> float:
    """The ROC curve's false positive rate where ID recall is 95%, by straight lines between thresholds (CLIPN, CMA).

    Where several thresholds have a recall of exactly 95%, that of the lowest of them, as numpy interpolates.

    >>> fpr95_id_interp(np.arange(1.0, 21.0), np.array([1.5, 1.7, 0.0, 30.0]))
    0.75
    """
    return tallied_fpr95_id_interp(tally(id_scores, ood_scores))


def aupr_in_classic(id_scores: Scores, ood_scores: Scores) -> float:
    """Average precision with ID positive: the precision at each threshold, weighted by its gain in recall."""
    return tallied_ap_in(tally(id_scores, ood_scores))


def aupr_out_classic(id_scores: Scores, ood_scores: Scores) -> float:
    """Average precision with OOD positive."""
    return tallied_ap_out(tally(id_scores, ood_scores))


def tallied_auroc(of: Tally) -> float:
    """AUROC from counts."""
    hits, alarms, _ = of.out_found
    return _area(np.r_[0, alarms] / alarms[-1], np.r_[0, hits] / hits[-1])


def tallied_fpr95(of: Tally) -> float:
    """FPR95 from counts."""
    hits, alarms, _ = of.out_found
    first = _first_reaching(hits)
    return float(alarms[first + _next_corner(of.ood_counts[first:], of.id_counts[first:])] / alarms[-1])


def tallied_aupr_out(of: Tally) -> float:
    """AUPR-out from counts."""
    return _aupr(of.out_found)


def tallied_aupr_in(of: Tally) -> float:
    """AUPR-in from counts."""
    return _aupr(of.in_found)


def tallied_fpr95_classic(of: Tally) -> float:
    """FPR95 with ID positive, from counts."""
    kept, taken, _ = of.in_found
    return float(taken[_first_reaching(kept)] / taken[-1])


def tallied_fpr95_nearest(of: Tally) -> float:
    """FPR95 at the nearest recall, from counts."""
    kept, taken, _ = of.in_found
    whole = int(np.searchsorted(kept, kept[-1]))
    gaps = np.abs(kept[whole::-1] / kept[-1] - RECALL)
    return float(taken[whole - int(gaps.argmin())] / taken[-1])


def tallied_fpr95_id_interp(of: Tally) -> float:
    """FPR95 on the straight line, from counts."""
    kept, taken, _ = of.in_found
    return float(np.interp(RECALL, np.r_[0.0, kept / kept[-1]], np.r_[0.0, taken / taken[-1]]))


def tallied_ap_in(of: Tally) -> float:
    """Average precision with ID positive, from counts."""
    return _average_precision(of.id_counts[::-1], of.in_found)


def tallied_ap_out(of: Tally) -> float:
    """Average precision with OOD positive, from counts."""
    return _average_precision(of.ood_counts, of.out_found)


def tallied_detection_error(of: Tally) -> float:
    """The detection error from counts; above the highest score lies a threshold, too."""
    kept, taken, _ = of.in_found
    return float(np.r_[1.0, 1 - kept / kept[-1] + taken / taken[-1]].min() / 2)


@dataclass(frozen=True, kw_only=True)
class CorrectAt:
    """The correct classification rate where a share `rate` of the OOD images is taken for ID, from counts."""

    rate: float

    def __call__(self, of: Tally) -> float:
        """Raises ValueError for counts that do not say what is classified rightly."""
        if of.right_counts is None:
            raise ValueError("a correct classification rate needs to know which ID images are classified rightly")
        kept, taken, _ = of.in_found
        above = int(np.searchsorted(taken, np.ceil(self.rate * taken[-1])))
        return float(of.right_counts[::-1][:above].sum() / kept[-1])


MEASURES: Mapping[str, Measure] = {
    "auroc": tallied_auroc,
    "fpr95": tallied_fpr95,
    "aupr-in": tallied_aupr_in,
    "aupr-out": tallied_aupr_out,
}
CLASSIC: Mapping[str, Measure] = {
    "fpr95-classic": tallied_fpr95_classic,
    "fpr95-nearest": tallied_fpr95_nearest,
    "fpr95-id-interp": tallied_fpr95_id_interp,
    "aupr-in-classic": tallied_ap_in,
    "aupr-out-classic": tallied_ap_out,
}
OF_DETECTORS_THAT_CLASSIFY: Mapping[str, Measure] = {
    "detection-error": tallied_detection_error,
    "ccr-fpr10": CorrectAt(rate=0.1),
    "ccr-fpr1": CorrectAt(rate=0.01),
}


def _first_reaching(found: Counts) -> int:
    """Where a rising count is first RECALL of its last value or more, in double precision as a whole curve has it."""
    total = int(found[-1])
    least = int(RECALL * total) - 1
    while least / total < RECALL:
        least += 1
    return int(np.searchsorted(found, least))


def _next_corner(hits: Counts, alarms: Counts) -> int:
    """From a threshold on, the next that is not in the middle of equal steps, which scikit-learn's roc_curve drops.

    hits and alarms: what each threshold adds. The last one is never dropped.
    """
    bends = (np.diff(hits) != 0) | (np.diff(alarms) != 0)
    return int(np.argmax(np.concatenate([bends, [True]])))


def _aupr(found: Found) -> float:
    hits, _, precision = found
    return _area(np.r_[0.0, hits / hits[-1]], np.r_[1.0, precision])


def _average_precision(positive: Counts, found: Found) -> float:
    hits, _, precision = found
    return float((positive / hits[-1] * precision).sum())


def _found(positive: Counts, negative: Counts) -> Found:
    """Positives and negatives found, and precision, at each threshold from the most certain down."""
    hits, alarms = np.cumsum(positive), np.cumsum(negative)
    return hits, alarms, hits / (hits + alarms)


def _area(x: Scores, y: Scores) -> float:
    return float(((x[1:] - x[:-1]) * (y[1:] + y[:-1]) / 2).sum())
