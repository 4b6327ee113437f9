"""A few chosen entries against one another in many figures: differences, their errors, and tests of all at once.

The family of tests is every pair of the chosen entries in every figure that is given: with probability 0.95 no pair
that is equal in a figure is called different (Romano & Wolf's step-down, as in `pairs`). That the entries were chosen
after a look at their board is not counted; the board's own ranks count all of its pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from farfield_evaluators.inference.pairs import ROUNDING, stepped_down, studentised
from farfield_evaluators.inference.resampling import Estimates, Floats


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """Two entries in one figure, by their numbers: the difference of `first` less `second`, in the figure's unit.

    stderr: of the difference. adjusted: p-value, two-sided, which counts all tests of the family.
    """

    figure: int
    first: int
    second: int
    difference: float
    stderr: float
    adjusted: float


def contrasts(figures: Sequence[Estimates]) -> tuple[Contrast, ...]:
    """All pairs of the same M entries in each figure, figure by figure.

    Draws of the figures belong together: in resample r all were made of the same examples, where there are such. An
    entry without a figure there has NaN as its value, and no contrast in it. Raises ValueError for figures of other
    numbers of entries or draws.
    """
    if len({each.draws.shape for each in figures}) > 1:
        raise ValueError("all figures are of the same entries, with as many draws")
    named = [
        (number, first, second)
        for number, each in enumerate(figures)
        for first in range(len(each))
        for second in range(first + 1, len(each))
        if np.isfinite(each.values[[first, second]]).all()
    ]
    if not named:
        return ()
    differences = np.array([_difference(figures[figure], first, second) for figure, first, second in named])
    noise = np.stack([_noise(figures[figure], first, second) for figure, first, second in named])
    stderr = np.array([_stderr(figures[at[0]], each, *at[1:]) for at, each in zip(named, noise, strict=True)])
    # Each test is a difference from a figure that never varies, so that the step-down of pairs is that of any tests.
    still = np.vstack([noise, np.zeros_like(noise[:1])])
    rows, columns = np.arange(len(named)), np.full(len(named), len(named))
    adjusted = stepped_down(still, rows, columns, np.abs(studentised(differences, stderr)), stderr)
    return tuple(
        Contrast(figure=at[0], first=at[1], second=at[2], difference=value, stderr=error, adjusted=p_value)
        for at, value, error, p_value in zip(
            named, differences.tolist(), stderr.tolist(), adjusted.tolist(), strict=True
        )
    )


def _difference(figure: Estimates, first: int, second: int) -> float:
    return float(figure.values[first] - figure.values[second])


def _noise(figure: Estimates, first: int, second: int) -> Floats:
    deviations: Floats = figure.draws[:, [first, second]] - figure.values[[first, second]]
    return deviations[:, 0] - deviations[:, 1]


def _stderr(figure: Estimates, noise: Floats, first: int, second: int) -> float:
    """0 where two never differ, which sums of rounded products would not say."""
    scale = float(((figure.draws[:, [first, second]] - figure.values[[first, second]]) ** 2).mean(axis=0).sum())
    variance = float((noise**2).mean())
    return float(np.sqrt(variance)) if variance > ROUNDING * scale else 0.0
