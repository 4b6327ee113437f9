"""Ranks, as a pure function of figures.

Competition ranking (1, 1, 3) at full precision; a missing figure has no rank, whatever the direction of the metric;
results whose difference is within their errors are marked as tied with the best.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from farfield_evaluators.figure import Figure
from farfield_web.runs.figures import Key

ItemT = TypeVar("ItemT")

# Two-sided 95% of the normal distribution.
Z = 1.96


@dataclass(frozen=True, kw_only=True)
class Placed(Generic[ItemT]):
    """A place on a board. `rank` is None for an unranked item, and `reason` says why."""

    item: ItemT
    rank: int | None
    reason: str
    tied_with_best: bool


def aggregate(trials: Sequence[Mapping[Key, Figure]]) -> dict[Key, Figure]:
    """One figure per key over all trials. A key that one trial lacks is left out: a mean over fewer would flatter."""
    if not trials:
        return {}
    common = [key for key in trials[0] if all(key in trial for trial in trials)]
    return {key: _mean([trial[key] for trial in trials]) for key in common}


def rank(items: Sequence[tuple[ItemT, Figure | None]], *, higher_is_better: bool, title: str) -> list[Placed[ItemT]]:
    """The items, best first; equal values share a rank and keep their order; unranked ones come last."""
    sign = -1.0 if higher_is_better else 1.0
    known = [(item, figure) for item, figure in items if figure is not None and math.isfinite(figure.value)]
    ordered = sorted(known, key=lambda pair: sign * pair[1].value)
    first = {figure.value: place for place, (_, figure) in reversed([*enumerate(ordered, 1)])}
    best = [figure for _, figure in ordered if figure.value == ordered[0][1].value]
    widest = max(best, key=lambda figure: -1.0 if figure.stderr is None else figure.stderr, default=None)
    placed = [
        Placed(
            item=item,
            rank=first[figure.value],
            reason="",
            tied_with_best=len(best) > 1 if figure.value == best[0].value else _tied(figure, widest),
        )
        for item, figure in ordered
    ]
    return placed + _unranked(items, title)


def why_without(title: str) -> str:
    """Why an item has no rank in a column of this title."""
    return f"no result for {title}"


def within_error(a: Figure, b: Figure) -> bool:
    """Whether two figures cannot be told apart at 95%: |a - b| < 1.96 sqrt(se_a^2 + se_b^2), or they are equal."""
    if a.value == b.value:
        return True
    if a.stderr is None or b.stderr is None:
        return False
    return abs(a.value - b.value) < Z * math.hypot(a.stderr, b.stderr)


def _mean(figures: Sequence[Figure]) -> Figure:
    if len(figures) == 1:
        return figures[0]
    values = [figure.value for figure in figures]
    stderr = statistics.stdev(values) / math.sqrt(len(values))
    sizes = [figure.n for figure in figures if figure.n is not None]
    total = sum(sizes) if len(sizes) == len(figures) else None
    return replace(figures[0], value=statistics.fmean(values), stderr=stderr, n=total, trials=len(values))


def _tied(figure: Figure, widest: Figure | None) -> bool:
    """Whether it cannot be told from the best; of several the one with the largest error can be told least."""
    return widest is not None and within_error(figure, widest)


def _unranked(items: Sequence[tuple[ItemT, Figure | None]], title: str) -> list[Placed[ItemT]]:
    reason = why_without(title)
    without = [item for item, figure in items if figure is None or not math.isfinite(figure.value)]
    return [Placed(item=item, rank=None, reason=reason, tied_with_best=False) for item in without]
