"""The entries of a board, put to the bootstrap: paired by examples where their outcomes are there, else by errors."""

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from farfield_evaluators.figure import Figure
from farfield_evaluators.inference.resampling import (
    RESAMPLES,
    SEED,
    Estimates,
    Outcomes,
    Reals,
    bootstrap,
    independent,
)
from farfield_evaluators.inference.trials import over_trials

Values = Mapping[str, Reals]
"""Of a run, by domain: an outcome of each example [N], in an order that is the same for all runs of the board."""
TOLERANCE = 1e-6  # between a figure and the mean of its outcomes
TOGETHER = 128  # runs whose figures are drawn at once: of 50,000 examples, 26 MB; each time the draws are made anew


@dataclass(frozen=True, kw_only=True, eq=False)
class Entered:
    """An entry's figure in a column, with a standard error; `runs` where the outcomes of all its runs are there.

    key: what no other entry of the board has. What chance gives it depends on that alone, and on no other entry.
    """

    key: str
    figure: Figure
    runs: tuple[Values, ...] = field(default=(), repr=False)

    @property
    def is_mean(self) -> bool:
        """Whether the figure is the mean of the outcomes, as it should be."""
        means = [np.mean([values.mean(dtype=np.float64) for values in run.values()]) for run in self.runs]
        return bool(means) and math.isclose(np.mean(means), self.figure.value, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def paired(entries: Sequence[Entered]) -> tuple[bool, ...]:
    """Which entries can be compared example by example: their outcomes make their figure, on the first one's examples.

    Others are compared by their standard errors, as if no two had been tested on the same images.
    """
    sound = [entry.is_mean for entry in entries]
    sizes = [_sizes(entry) if ok else [] for entry, ok in zip(entries, sound, strict=True)]
    usual = next((listed[0] for listed in sizes if listed), None)
    return tuple(bool(listed) and all(each == usual for each in listed) for listed in sizes)


def _sizes(entry: Entered) -> list[dict[str, int]]:
    return [{name: len(values) for name, values in run.items()} for run in entry.runs]


def estimates(entries: Sequence[Entered], *, resamples: int = RESAMPLES, seed: int = SEED) -> Estimates:
    """The figures of all entries with their draws, in their order.

    Raises ValueError for a figure without a standard error whose outcomes are not there: nothing is known of its
    error.
    """
    values = np.array([entry.figure.value for entry in entries], np.float64)
    by_examples = paired(entries)
    draws = np.empty((resamples, len(entries)))
    for number, ok in enumerate(by_examples):
        if not ok:
            draws[:, [number]] = by_error(entries[number], resamples, seed).draws
    joined = [number for number, ok in enumerate(by_examples) if ok]
    if joined:
        drawn = _by_examples([entries[number] for number in joined], resamples, seed)
        draws[:, joined] = drawn.draws - drawn.values + values[joined]
    return Estimates(values=values, draws=draws)


def by_error(entry: Entered, resamples: int, seed: int) -> Estimates:
    """The draws of one entry by its standard error, from its key and the seed alone. Raises ValueError without one."""
    error = np.array([np.nan if entry.figure.stderr is None else entry.figure.stderr])
    own = seed + zlib.crc32(entry.key.encode())
    return independent(np.array([entry.figure.value]), error, resamples=resamples, seed=own)


def _by_examples(entries: Sequence[Entered], resamples: int, seed: int) -> Estimates:
    """A few runs at a time: with one seed the same examples are drawn for all of them."""
    runs = [run for entry in entries for run in entry.runs]
    numbers = [number for number, entry in enumerate(entries) for _ in entry.runs]
    parts = [_drawn(runs[start : start + TOGETHER], resamples, seed) for start in range(0, len(runs), TOGETHER)]
    whole = Estimates(
        values=np.concatenate([part.values for part in parts]), draws=np.hstack([part.draws for part in parts])
    )
    return over_trials(whole, numbers, seed=seed)


def _drawn(runs: Sequence[Values], resamples: int, seed: int) -> Estimates:
    domains = [Outcomes(values=np.column_stack([run[name] for run in runs])) for name in runs[0]]
    return bootstrap(domains, resamples=resamples, seed=seed)
