"""A few entries in many figures at once: draws that belong together, for figures that are made of the same examples.

Each domain is resampled once, for all outcomes of all runs on it; a mean over domains is the mean of their draws. So a
resample is one world, in which all figures of all entries are looked at.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from farfield_evaluators.figure import Figure
from farfield_evaluators.inference.columns import Basis
from farfield_evaluators.inference.entries import Entered, by_error, paired
from farfield_evaluators.inference.resampling import RESAMPLES, SEED, Estimates, Floats, Outcomes, bootstrap
from farfield_evaluators.inference.trials import over_trials

Key = tuple[str, str]
Seen = Mapping[str, Mapping[str, Floats]]
"""Of a run, by domain and by outcome: a number for each example [N]."""
Draws = Mapping[tuple[int, int, str, str], Floats]


@dataclass(frozen=True, kw_only=True, eq=False)
class Chosen:
    """An entry with its figures; `runs` has what was seen of each of its runs, and is empty where that is not there."""

    key: str
    figures: Mapping[Key, Figure]
    runs: tuple[Seen, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """A figure of M entries: values and draws, NaN where an entry has none; `paired` says which were by examples."""

    estimates: Estimates
    paired: tuple[bool, ...]


def joint(
    entries: Sequence[Chosen],
    bases: Mapping[Key, Basis | None],
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> dict[Key, Drawn]:
    """The draws of all entries in each figure that `bases` names, with the outcomes that it is the mean of.

    An entry whose outcomes are not there, or do not make its figure, is drawn by its standard error, independent of the
    others; one with neither has NaN.
    """
    draws = _draws(entries, resamples, seed)
    return {key: _figure(entries, key, basis, draws, resamples, seed) for key, basis in bases.items()}


def _draws(entries: Sequence[Chosen], resamples: int, seed: int) -> Draws:
    """The mean of each outcome in each resample [R], by entry, run, domain and outcome; of the usual examples alone."""
    found: dict[tuple[int, int, str, str], Floats] = {}
    domains = dict.fromkeys(name for entry in entries for run in entry.runs for name in run)
    for domain in domains:
        seen = [
            ((number, place, domain, outcome), values)
            for number, entry in enumerate(entries)
            for place, run in enumerate(entry.runs)
            for outcome, values in run.get(domain, {}).items()
        ]
        usual = len(seen[0][1]) if seen else 0
        same = [(at, values) for at, values in seen if len(values) == usual and np.isfinite(values).all()]
        if same and usual:
            outcomes = Outcomes(values=np.column_stack([values for _, values in same]))
            drawn = bootstrap([outcomes], resamples=resamples, seed=seed + zlib.crc32(domain.encode())).draws
            found |= {at: drawn[:, column] for column, (at, _) in enumerate(same)}
    return found


def _figure(entries: Sequence[Chosen], key: Key, basis: Basis | None, draws: Draws, resamples: int, seed: int) -> Drawn:
    places = [place for place, entry in enumerate(entries) if key in entry.figures]
    entered = [_entered(entries[place], key, basis) for place in places]
    by_examples = [
        ok and basis is not None and all(at in draws for at in _wanted(entries, place, basis))
        for ok, place in zip(paired(entered), places, strict=True)
    ]
    values, drawn = np.full(len(entries), np.nan), np.full((resamples, len(entries)), np.nan)
    for place, each, ok in zip(places, entered, by_examples, strict=True):
        if ok and basis is not None:
            own = _over_runs(entries, place, basis, draws, seed)
            values[place], drawn[:, place] = each.figure.value, own - own.mean() + each.figure.value
        elif each.figure.stderr is not None:
            alone = by_error(each, resamples, seed + zlib.crc32(repr(key).encode()))
            values[place], drawn[:, place] = each.figure.value, alone.draws[:, 0]
    flags = dict(zip(places, by_examples, strict=True))
    return Drawn(
        estimates=Estimates(values=values, draws=drawn),
        paired=tuple(flags.get(place, False) for place in range(len(entries))),
    )


def _entered(entry: Chosen, key: Key, basis: Basis | None) -> Entered:
    whole = basis is not None and all(
        basis.outcome in run.get(name, {}) for run in entry.runs for name in basis.domains
    )
    runs = [{name: run[name][basis.outcome] for name in basis.domains} for run in entry.runs] if whole and basis else []
    return Entered(key=entry.key, figure=entry.figures[key], runs=tuple(runs))


def _wanted(entries: Sequence[Chosen], place: int, basis: Basis) -> list[tuple[int, int, str, str]]:
    runs = range(len(entries[place].runs))
    return [(place, run, name, basis.outcome) for run in runs for name in basis.domains]


def _over_runs(entries: Sequence[Chosen], place: int, basis: Basis, draws: Draws, seed: int) -> Floats:
    """The entry's draws [R]: the mean over domains of each run, and its runs resampled where there are several."""
    runs = range(len(entries[place].runs))
    means = [np.mean([draws[place, run, name, basis.outcome] for name in basis.domains], axis=0) for run in runs]
    stacked = np.column_stack(means)
    whole = Estimates(values=stacked.mean(axis=0), draws=stacked)
    own: Floats = over_trials(whole, [0] * len(means), seed=seed).draws[:, 0]
    return own
