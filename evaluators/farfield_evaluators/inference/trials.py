"""Methods that were run several times: what chance does in training is part of the error, beside the examples'."""

import math
from collections.abc import Sequence

import numpy as np

from farfield_evaluators.inference.resampling import SEED, Estimates, Floats, Ints


def over_trials(runs: Estimates, entries: Sequence[int], *, seed: int = SEED) -> Estimates:
    """From the figures of runs to those of entries: `entries` [runs] numbers the entry of each run, from 0 on.

    An entry's figure is the mean over its runs. In each resample of the examples its runs are resampled, too; the
    deviations of T runs are widened by sqrt(T / (T - 1)), for a resample of few has too small a spread (Davison &
    Hinkley 1997, section 2.3). An entry with one run has the error of the examples alone.

    Raises ValueError where a number between has no run.
    """
    numbers = np.asarray(entries, np.int64)
    places = [np.flatnonzero(numbers == entry) for entry in range(int(numbers.max(initial=-1)) + 1)]
    if not all(len(own) for own in places) or len(numbers) != len(runs):
        raise ValueError("every entry has at least one run, and every run an entry")
    rng = np.random.default_rng(seed)
    draws = np.column_stack([_drawn(runs.draws, own, rng) for own in places])
    return Estimates(values=np.array([runs.values[own].mean() for own in places]), draws=draws)


def _drawn(draws: Floats, own: Ints, rng: np.random.Generator) -> Floats:
    """The mean [R] over resampled runs of an entry, of which there are T, in each resample of the examples."""
    count = len(own)
    means: Floats = draws[:, own].mean(axis=1)
    if count == 1:
        return means
    chosen = rng.integers(0, count, (len(draws), count))
    deviations: Floats = np.take_along_axis(draws[:, own] - means[:, None], chosen, axis=1).mean(axis=1)
    return means + deviations * math.sqrt(count / (count - 1))
