"""Standard errors by the bootstrap over test examples (Efron & Tibshirani 1993, chapter 6)."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
RESAMPLES = 200
SEED = 20_260_101


def detection_stderr(
    statistics: Callable[[Floats, Mapping[str, Floats]], dict[str, float]],
    id_scores: Floats,
    ood_scores: Mapping[str, Floats],
    resamples: int = RESAMPLES,
) -> dict[str, float]:
    """Standard error of every named statistic of (ID scores, OOD scores by set).

    The ID scores are drawn once per resample and shared by all sets, so the errors of means over sets count that
    they are not independent. The generator is seeded: the same scores always give the same error.
    """
    # Sorted, because runs are staged in a secret order, which must not show in the error.
    id_scores, ood_scores = np.sort(id_scores), {name: np.sort(scores) for name, scores in ood_scores.items()}
    rng = np.random.default_rng(SEED)
    draws: dict[str, list[float]] = {}
    for _ in range(resamples):
        drawn = {name: rng.choice(scores, len(scores)) for name, scores in ood_scores.items()}
        for name, value in statistics(rng.choice(id_scores, len(id_scores)), drawn).items():
            draws.setdefault(name, []).append(value)
    return {name: float(np.std(values, ddof=1)) for name, values in draws.items()}
