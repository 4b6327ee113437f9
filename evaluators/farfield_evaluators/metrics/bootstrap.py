"""Standard errors by the bootstrap over test examples (Efron & Tibshirani 1993, chapter 6)."""

from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from farfield_evaluators.metrics.detection import Tally

Floats = npt.NDArray[np.floating]
Ints = npt.NDArray[np.int64]
Tallies = Mapping[str, Tally]
Key = TypeVar("Key", bound=Hashable)
RESAMPLES = 200
SEED = 20_260_101


def detection_stderr(
    statistics: Callable[[Tallies], Mapping[Key, float]],
    id_scores: Floats,
    ood_scores: Mapping[str, Floats],
    resamples: int = RESAMPLES,
    right: npt.NDArray[np.bool_] | None = None,
) -> dict[Key, float]:
    """Standard error of every named statistic of the tallies of ID scores [N] with each set's OOD scores.

    The ID scores are drawn once per resample and shared by all sets, so the errors of means over sets count that
    they are not independent. The generator is seeded: the same scores always give the same error. right: which ID
    images are classified rightly, for statistics that ask it.
    """
    # Sorted, because runs are staged in a secret order, which must not show in the error.
    known = np.zeros(len(id_scores), np.bool_) if right is None else right
    order = np.lexsort((known, id_scores))
    in_order = None if right is None else right[order]
    ranked = {name: _Ranked(id_scores[order], np.sort(scores), in_order) for name, scores in ood_scores.items()}
    rng = np.random.default_rng(SEED)
    draws: dict[Key, list[float]] = {}
    for _ in range(resamples):
        drawn = {name: rng.integers(0, len(scores), len(scores)) for name, scores in ood_scores.items()}
        drawn_id = rng.integers(0, len(id_scores), len(id_scores))
        tallies = {name: ranked[name].resampled(drawn_id, drawn[name]) for name in ranked}
        for name, value in statistics(tallies).items():
            draws.setdefault(name, []).append(value)
    return {name: float(np.std(values, ddof=1)) for name, values in draws.items()}


class _Ranked:
    """Scores as places among all distinct ones, so that a resample is counted and not sorted again."""

    def __init__(self, id_scores: Floats, ood_scores: Floats, right: npt.NDArray[np.bool_] | None) -> None:
        """Both ascending; right: of the ID scores."""
        self._right = right
        values = np.unique(np.r_[id_scores, ood_scores])
        self._count = len(values)
        self._id, self._ood = (_places(scores, values) for scores in (id_scores, ood_scores))

    def resampled(self, drawn_id: Ints, drawn_ood: Ints) -> Tally:
        """The tally of the drawn examples; a score that nobody has any more is no threshold."""
        times = np.bincount(drawn_id, minlength=len(drawn_id))
        id_counts = self._counts(times, *self._id)
        ood_counts = self._counts(np.bincount(drawn_ood, minlength=len(drawn_ood)), *self._ood)
        right = None if self._right is None else self._counts(times * self._right, *self._id)
        present = np.flatnonzero(id_counts + ood_counts)
        return Tally(
            id_counts=id_counts[present],
            ood_counts=ood_counts[present],
            right_counts=None if right is None else right[present],
        )

    def _counts(self, times: Ints, starts: Ints, places: Ints) -> Ints:
        counts: Ints = np.zeros(self._count, np.int64)
        counts[places] = np.add.reduceat(times, starts)
        return counts


def _places(ascending: Floats, values: Floats) -> tuple[Ints, Ints]:
    """Where each distinct score begins, and its place among the values."""
    distinct, starts = np.unique(ascending, return_index=True)
    return starts, np.searchsorted(values, distinct)
