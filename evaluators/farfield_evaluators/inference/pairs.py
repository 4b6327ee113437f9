"""Every two methods compared: differences, tests that control all errors at once, and who is better than whom.

The tests are Romano & Wolf's step-down with studentised differences (Econometrica 73(4), 2005): with probability 0.95
no pair of the whole board that is equal is called different, whatever the dependence between methods, which the
paired draws carry.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from farfield_evaluators.inference.resampling import Estimates, Floats, Ints

Bools = npt.NDArray[np.bool_]
LEVEL = 0.95
SLACK = 1e-12  # for sums that differ in their last digit
ROUNDING = 1e-12  # of a sum of variances
BLOCK = 1024  # pairs whose draws are looked at together


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """Of M methods: differences [M, M] of row less column, their standard errors, and p-values that count all pairs.

    `better` [M, M]: the row is better than the column beyond chance, in the direction of the metric.
    """

    differences: Floats = field(repr=False)
    stderr: Floats = field(repr=False)
    adjusted: Floats = field(repr=False)
    better: Bools = field(repr=False)


def compare(estimates: Estimates, *, higher_is_better: bool, level: float = LEVEL) -> Pairs:
    """All pairs of methods. Two whose draws never differ, such as one entered twice, are equal: the p-value is 1."""
    count = len(estimates)
    rows, columns = np.triu_indices(count, 1)
    differences = estimates.values[rows] - estimates.values[columns]
    noise = np.ascontiguousarray((estimates.draws - estimates.values).T)
    stderr = _stderr(noise)[rows, columns]
    adjusted = stepped_down(noise, rows, columns, np.abs(studentised(differences, stderr)), stderr)
    signed = differences if higher_is_better else -differences
    told_apart = adjusted <= 1 - level + SLACK
    better = np.zeros((count, count), bool)
    better[rows, columns], better[columns, rows] = told_apart & (signed > 0), told_apart & (signed < 0)
    return Pairs(
        differences=_square(count, differences, -differences),
        stderr=_square(count, stderr, stderr),
        adjusted=_square(count, adjusted, adjusted, diagonal=1.0),
        better=better,
    )


def _stderr(noise: Floats) -> Floats:
    """Of noise [M, R] the standard error [M, M] of every difference; 0 where two methods never differ."""
    products = noise @ noise.T / noise.shape[1]
    sums = np.add.outer(np.diag(products), np.diag(products))
    variances = sums - 2 * products
    return np.sqrt(np.where(variances > ROUNDING * sums, variances, 0.0))


def studentised(values: Floats, stderr: Floats) -> Floats:
    """Values in units of their error; 0 where there is no difference at all, and infinite where there is no doubt."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(values / stderr, nan=0.0, posinf=np.inf, neginf=-np.inf)


def stepped_down(noise: Floats, rows: Ints, columns: Ints, sizes: Floats, stderr: Floats) -> Floats:
    """Adjusted p-values [H] of studentised differences of these sizes [H], from noise [M, R] of the figures.

    The largest is held against the maximum over all, the next against the maximum over the rest, and so on; a p-value
    is never below that of a larger difference (Romano & Wolf 2016, Statistics & Probability Letters 113).
    """
    rising = np.argsort(sizes, kind="stable")  # from the smallest on, so that the maxima over the rest only grow
    scale = np.divide(1.0, stderr, out=np.zeros_like(stderr), where=stderr > 0)
    maxima, exceeding = np.zeros((1, noise.shape[1])), [np.zeros(0)]
    for start in range(0, len(rising), BLOCK):  # of a thousand entries, the draws of all pairs would take gigabytes
        part = rising[start : start + BLOCK]
        drawn = np.abs((noise[rows[part]] - noise[columns[part]]) * scale[part, None])
        grown = np.maximum.accumulate(np.concatenate([maxima, drawn]), axis=0)
        exceeding.append((grown[1:] >= sizes[part, None] * (1 - SLACK)).sum(axis=1))
        maxima = grown[-1:]
    p_values = (np.concatenate(exceeding) + 1) / (noise.shape[1] + 1)
    adjusted = np.ones(len(sizes))
    adjusted[rising[::-1]] = np.maximum.accumulate(p_values[::-1])
    adjusted[sizes == 0] = 1.0
    return adjusted


def _square(count: int, upper: Floats, lower: Floats, diagonal: float = 0.0) -> Floats:
    square = np.full((count, count), diagonal)
    rows, columns = np.triu_indices(count, 1)
    square[rows, columns], square[columns, rows] = upper, lower
    return square
