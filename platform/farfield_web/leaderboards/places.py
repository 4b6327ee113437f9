"""Which ranks an entry may hold beyond chance, from the comparison of its board's column."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield_evaluators.benchmark import Column
from farfield_evaluators.inference.ranks import placed
from farfield_web.leaderboards.models import Comparison

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Place:
    """The interval of an entry's rank, its tier of ties, and whether it was compared example by example.

    with_best: whether nothing beyond chance tells it from the best entry.
    """

    low: int
    high: int
    tier: int
    paired: bool
    with_best: bool


def comparison_of(benchmark: str, tier: str, key: str | None, column: Column) -> Comparison | None:
    """The newest comparison of a board by a column; None before its entries were compared."""
    named = Comparison.objects.filter(benchmark=benchmark, tier=tier, key=key or "")
    return named.filter(metric=column.metric, domain=column.domain).first()


def places_of(
    values: Mapping[Any, float], comparison: Comparison | None, *, higher_is_better: bool
) -> dict[Any, Place]:
    """The places of the ranked entries with these figures, by their keys; none of those not compared yet.

    Whoever was not compared yet may hold any rank, so that the others' intervals count it.
    """
    if comparison is None or not values:
        return {}
    numbers = {key: number for number, key in enumerate(comparison.entries)}
    compared = [key for key in values if str(key) in numbers]
    rows = [numbers[str(key)] for key in compared]
    better = unpacked(comparison.better, len(numbers))[np.ix_(rows, rows)]
    figures = np.array([values[key] for key in compared])
    standings = placed(figures, better, higher_is_better=higher_is_better)
    others, best = len(values) - len(compared), (max if higher_is_better else min)(values, key=values.__getitem__)
    # Nothing is known of a best entry that was not compared: none is surely worse, and all are of its tier.
    leader = compared.index(best) if str(best) in numbers else None
    return {
        key: Place(
            low=standing.low,
            high=standing.high + others,
            tier=1 if leader is None else standing.tier,
            paired=bool(comparison.paired[row]),
            with_best=leader is None or not better[leader, number],
        )
        for number, (key, row, standing) in enumerate(zip(compared, rows, standings, strict=True))
    }


def packed(better: Bools) -> bytes:
    """A matrix [M, M] as rows of bits."""
    return np.packbits(better, axis=1).tobytes()


def unpacked(content: bytes | memoryview, count: int) -> Bools:
    """What `packed` made of a matrix of so many entries."""
    rows = np.frombuffer(bytes(content), np.uint8).reshape(count, -(-count // 8))
    return np.unpackbits(rows, axis=1, count=count).astype(bool)
