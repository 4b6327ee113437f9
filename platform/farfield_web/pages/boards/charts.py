"""The geometry of a board's figure: a headline, the figure it is read against, and the domains behind it.

Pure functions from numbers to coordinates; the template draws them.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

RIGHT_MARGIN = 14
TOP = 8


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where the labels stand: beside the rows, or above them where there is little room."""

    width: int
    left: float
    row_height: float
    line: float
    label: float
    label_width: float


# Labels are cut off by the browser, at the width they have here: only it knows how wide its letters are.
LABEL_HEIGHT, BASE_LINE = 20.0, 14.5
WIDE = Layout(width=690, left=240, row_height=30, line=15, label=19.5, label_width=226)
COMPACT = Layout(width=400, left=10, row_height=43, line=32, label=17, label_width=386)


@dataclass(frozen=True, kw_only=True)
class Series:
    """What one row shows, as values in 0..1. What is not `verified` was not run here."""

    label: str
    verified: bool = True
    headline: float
    stderr: float | None
    reference: float | None
    domains: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A grid line and its label."""

    x: float
    label: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One method in the figure, in the units of the drawing."""

    label: str
    y: float
    label_top: float
    mean: float
    verified: bool
    reference: float | None
    gap: tuple[float, float] | None
    error: tuple[float, float] | None
    domains: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Dumbbell:
    """A whole figure: rows over a common axis."""

    width: int
    height: float
    top: float
    bottom: float
    tick_y: float
    label_width: float
    label_height: float
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    alt: str

    @property
    def has_sent(self) -> bool:
        return any(not row.verified for row in self.rows)


def dumbbell(series: Sequence[Series], *, alt: str, layout: Layout = WIDE) -> Dumbbell | None:
    """The figure of these rows on one axis in per cent; None when there is nothing to draw."""
    if not series:
        return None
    low, high = _axis(series)
    span = layout.width - layout.left - RIGHT_MARGIN

    def place(value: float) -> float:
        return layout.left + span * (min(max(value, low), high) - low) / (high - low)

    bottom = TOP + layout.row_height * len(series)
    return Dumbbell(
        width=layout.width,
        height=bottom + 24,
        top=TOP,
        bottom=bottom,
        tick_y=bottom + 18,
        label_width=layout.label_width,
        label_height=LABEL_HEIGHT,
        rows=tuple(_row(one, TOP + layout.row_height * n, layout, place) for n, one in enumerate(series)),
        ticks=tuple(Tick(x=place(value), label=f"{value * 100:.0f}") for value in _ticks(low, high)),
        alt=alt,
    )


def _row(one: Series, top: float, layout: Layout, place: Callable[[float], float]) -> Row:
    error = None if one.stderr is None else (place(one.headline - one.stderr), place(one.headline + one.stderr))
    return Row(
        label=one.label,
        y=top + layout.line,
        label_top=top + layout.label - BASE_LINE,
        mean=place(one.headline),
        verified=one.verified,
        reference=None if one.reference is None else place(one.reference),
        gap=None if one.reference is None else (place(one.headline), place(one.reference)),
        error=error,
        domains=tuple(place(value) for value in one.domains),
    )


def _axis(series: Sequence[Series]) -> tuple[float, float]:
    values = [v for one in series for v in (one.headline, one.reference, *one.domains) if v is not None]
    low, high = math.floor(min(values) * 10) / 10, math.ceil(max(values) * 10) / 10
    return (low, high) if high - low >= 0.1 else (max(low - 0.1, 0.0), min(high + 0.1, 1.0))


def _ticks(low: float, high: float) -> list[float]:
    step = 0.1 if high - low <= 0.61 else 0.2
    first = math.ceil(round(low / step, 6))
    return [round(index * step, 6) for index in range(first, math.floor(round(high / step, 6)) + 1)]
