"""Ranks as inference: the places that an entry may hold, with all of a board's at once right in 95 of 100 boards.

An entry's rank is at best 1 + the number of entries that are better than it beyond chance, and at worst M - the number
that it is better than (Mogstad, Romano, Shaikh & Wilhelm, Review of Economic Studies 91(1), 2024, section 3.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from farfield_evaluators.inference.pairs import LEVEL, Bools, Pairs, compare
from farfield_evaluators.inference.resampling import Estimates, Floats, Ints


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An entry among M: its rank 1..M (equal figures share one), the interval it lies in, and its tier of ties.

    Tier 1 has the entries from the best down to the last that the best is not better than beyond chance; the next
    entry opens tier 2 as its best, and so on.
    """

    rank: int
    low: int
    high: int
    tier: int


def standings(estimates: Estimates, *, higher_is_better: bool, level: float = LEVEL) -> tuple[Standing, ...]:
    """Where each of the M entries stands, in their order."""
    pairs = compare(estimates, higher_is_better=higher_is_better, level=level)
    return of_pairs(estimates.values, pairs, higher_is_better=higher_is_better)


def of_pairs(values: Floats, pairs: Pairs, *, higher_is_better: bool) -> tuple[Standing, ...]:
    """Where entries with these figures [M] stand once all pairs are compared."""
    return placed(values, pairs.better, higher_is_better=higher_is_better)


def placed(values: Floats, better: Bools, *, higher_is_better: bool) -> tuple[Standing, ...]:
    """Where entries with these figures [M] stand, of whom it is known who is better than whom [M, M] beyond chance.

    What holds for a board holds for some of its entries among themselves, with the rows and columns of the others left
    out: the error was controlled over more pairs.
    """
    signed = values if higher_is_better else -values
    ranks = competition_ranks(values, higher_is_better=higher_is_better)
    low, high = 1 + better.sum(axis=0), len(values) - better.sum(axis=1)
    tiers = _tiers(np.argsort(-signed, kind="stable").tolist(), better)
    facts = zip(ranks.tolist(), low.tolist(), high.tolist(), tiers, strict=True)
    return tuple(Standing(rank=rank, low=first, high=last, tier=tier) for rank, first, last, tier in facts)


def competition_ranks(values: Floats, *, higher_is_better: bool) -> Ints:
    """The ranks of figures [M] from 1 on; equal ones share the best of theirs.

    >>> competition_ranks(np.array([0.5, 0.9, 0.5, 0.1]), higher_is_better=True).tolist()
    [2, 1, 2, 4]
    """
    signed = values if higher_is_better else -values
    return 1 + len(signed) - np.searchsorted(np.sort(signed), signed, side="right")


def _tiers(order: Sequence[int], better: Bools) -> list[int]:
    """The tier of each entry, of their numbers from the best to the worst."""
    tiers, number, first = [0] * len(order), 0, -1
    for entry in order:
        if first < 0 or better[first, entry]:
            number, first = number + 1, entry
        tiers[entry] = number
    return tiers
