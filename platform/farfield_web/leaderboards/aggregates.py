"""Standings over several benchmarks: mean rank, win rate or mean score of the entries that are on all of them.

Nothing is imputed: what lacks a figure is not ranked, and what it lacks is named. Intervals come from the benchmarks'
own uncertainties. On each one every two entries are compared by bootstrap draws of their figures at the level
1 - 0.05 / B of B benchmarks, so that with probability 0.95 all intervals of ranks on all benchmarks hold at once
(Mogstad, Romano, Shaikh & Wilhelm 2024, with Bonferroni over benchmarks). A mean rank lies between the means of the
ends of its ranks, and an entry is better than another beyond chance where these do not meet. Percentiles of
bootstrapped ranks would cover far less than they say where figures are near each other. Pure functions.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from farfield_evaluators.figure import Figure
from farfield_evaluators.inference.pairs import LEVEL, Bools, compare
from farfield_evaluators.inference.ranks import competition_ranks, placed
from farfield_evaluators.inference.resampling import RESAMPLES, SEED, Estimates, Floats, independent

By = Literal["mean-rank", "mean-score", "win-rate"]
BYS: tuple[By, ...] = ("mean-rank", "win-rate", "mean-score")
MOST_COMPARED = 100  # entries; of more, only the ranks are told
MOST_SOURCES = 40  # so that 1,000 draws are enough for the level of each
Z = 1.96  # two-sided 95 % of the normal distribution


@dataclass(frozen=True, kw_only=True)
class Source:
    """A column that counts: the figure of each entry that has one, its direction and its unit."""

    name: str
    higher_is_better: bool
    unit: str
    figures: Mapping[Hashable, Figure]


@dataclass(frozen=True, kw_only=True)
class Aggregated:
    """An entry on all sources. `ranks` are its ranks among such entries on each source; equal figures share the mean.

    low, high, rank_low, rank_high: 95 % intervals of `value` and of `rank`; None where nothing is known of errors.
    """

    key: Hashable
    value: float
    rank: int
    ranks: tuple[float, ...]
    low: float | None = None
    high: float | None = None
    rank_low: int | None = None
    rank_high: int | None = None


@dataclass(frozen=True, kw_only=True)
class Missing:
    """An entry that is not ranked, and the sources on which it has no figure."""

    key: Hashable
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Standings:
    """The entries that are on all sources, the best first, and the others. `compared`: whether there are intervals."""

    by: By
    rows: tuple[Aggregated, ...]
    missing: tuple[Missing, ...]
    compared: bool


def refusal(sources: Sequence[Source], by: By) -> str:
    """Why these cannot be put together in this way; empty where they can."""
    if not sources:
        return "Choose at least one benchmark."
    if len(sources) > MOST_SOURCES:
        return f"At most {MOST_SOURCES} columns are put together; these are {len(sources)}."
    if by == "mean-score" and len({(source.unit, source.higher_is_better) for source in sources}) > 1:
        return "A mean score is of figures of one unit and one direction; these differ. Choose mean rank or win rate."
    return ""


def standings(sources: Sequence[Source], by: By) -> Standings:
    """The order of entries over all sources. Raises ValueError with the sentence of `refusal`."""
    if problem := refusal(sources, by):
        raise ValueError(problem)
    listed = dict.fromkeys(key for source in sources for key in source.figures)
    whole = [key for key in listed if all(key in source.figures for source in sources)]
    everywhere = set(whole)
    lacking = [Missing(key=key, sources=_lacking(key, sources)) for key in listed if key not in everywhere]
    compared = 0 < len(whole) <= MOST_COMPARED
    rows = _ranked(sources, by, whole, compared) if whole else []
    ordered = sorted(rows, key=lambda row: row.rank)
    return Standings(by=by, rows=tuple(ordered), missing=tuple(lacking), compared=compared)


def mid_ranks(values: Floats, *, higher_is_better: bool) -> Floats:
    """Ranks from 1; equal values share the mean of theirs, so that the sum does not depend on ties.

    >>> mid_ranks(np.array([0.5, 0.9, 0.5]), higher_is_better=True).tolist()
    [2.5, 1.0, 2.5]
    """
    _, places, equal = np.unique(-values if higher_is_better else values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(equal) - (equal - 1) / 2)[places]
    return ranks


def _lacking(key: Hashable, sources: Sequence[Source]) -> tuple[str, ...]:
    return tuple(source.name for source in sources if key not in source.figures)


def _ranked(sources: Sequence[Source], by: By, whole: Sequence[Hashable], compared: bool) -> list[Aggregated]:
    values = np.array([[source.figures[key].value for key in whole] for source in sources])
    ranks = np.array([mid_ranks(v, higher_is_better=s.higher_is_better) for v, s in zip(values, sources, strict=True)])
    of_ranks = by != "mean-score"
    score = ranks.mean(axis=0) if of_ranks else values.mean(axis=0)
    higher = not of_ranks and sources[0].higher_is_better
    rounded, shown = np.round(score, 12), _as_win_rate if by == "win-rate" else _as_it_is
    if not compared:
        orders = competition_ranks(rounded, higher_is_better=higher).tolist()
        facts = zip(whole, score, ranks.T.tolist(), orders, strict=True)
        return [
            Aggregated(key=key, value=shown(value, len(whole)), rank=rank, ranks=tuple(own))
            for key, value, own, rank in facts
        ]
    low, high, better = _intervals(sources, whole, score, of_ranks)
    places = placed(rounded, better, higher_is_better=higher)
    return [
        Aggregated(
            key=key,
            value=shown(score[at], len(whole)),
            rank=places[at].rank,
            ranks=tuple(ranks[:, at].tolist()),
            **_ends(shown(low[at], len(whole)), shown(high[at], len(whole))),
            rank_low=places[at].low,
            rank_high=places[at].high,
        )
        for at, key in enumerate(whole)
    ]


def _intervals(
    sources: Sequence[Source], whole: Sequence[Hashable], score: Floats, of_ranks: bool
) -> tuple[Floats, Floats, Bools]:
    """(low, high) of each entry's mean rank or score, and who is better than whom beyond chance [M, M]."""
    if of_ranks:
        level = 1 - (1 - LEVEL) / len(sources)
        ends = [_rank_ends(source, whole, level, number) for number, source in enumerate(sources)]
        low, high = (np.mean([each[side] for each in ends], axis=0) for side in (0, 1))
        return low, high, high[:, None] < low[None, :]
    errors = np.array([[_error(source, key) for key in whole] for source in sources])
    stderr: Floats = np.sqrt((errors**2).sum(axis=0)) / len(sources)
    better = _better(score, stderr, sources[0].higher_is_better, LEVEL, 0)
    return score - Z * stderr, score + Z * stderr, better


def _rank_ends(source: Source, whole: Sequence[Hashable], level: float, number: int) -> tuple[Floats, Floats]:
    """The best and the worst rank that each entry may hold on a source."""
    values = np.array([source.figures[key].value for key in whole])
    stderr = np.array([_error(source, key) for key in whole])
    better = _better(values, stderr, source.higher_is_better, level, number)
    return 1.0 + better.sum(axis=0), len(whole) - better.sum(axis=1).astype(np.float64)


def _better(values: Floats, stderr: Floats, higher_is_better: bool, level: float, number: int) -> Bools:
    """Who is better than whom; of an entry without an error nothing is known, so that it may hold any rank."""
    known = np.flatnonzero(np.isfinite(stderr))
    better = np.zeros((len(values), len(values)), bool)
    if len(known) > 1:
        drawn: Estimates = independent(values[known], stderr[known], resamples=RESAMPLES, seed=SEED + number)
        found = compare(drawn, higher_is_better=higher_is_better, level=level).better
        better[np.ix_(known, known)] = found
    return better


def _error(source: Source, key: Hashable) -> float:
    error = source.figures[key].stderr
    return float("nan") if error is None else error


def _ends(one: float, other: float) -> dict[str, float | None]:
    low, high = min(one, other), max(one, other)
    return {"low": None, "high": None} if np.isnan([low, high]).any() else {"low": low, "high": high}


def _as_it_is(value: float, _: int) -> float:
    return float(value)


def _as_win_rate(mean_rank: float, count: int) -> float:
    """The share of the others that an entry beats, a tie counting half: the mean over sources; 1 for one alone."""
    return float((count - mean_rank) / (count - 1)) if count > 1 else 1.0
