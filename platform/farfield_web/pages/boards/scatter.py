"""The geometry of plots of two figures of one kind against each other, on two equal axes; the template draws them.

OOD against ID accuracy stands on logit axes, as the ImageNet testbed draws it: "accuracy on the line" (Taori et al.
2020, Miller et al. 2021), where probit or logit axes make the relation of the two nearly straight. Other pairs, such as
average and worst group, which may be 0, stand on plain axes. Pure functions from figures to coordinates.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from farfield_web.pages.numbers import Place, beside

LEFT, RIGHT, TOP, BOTTOM = 30.0, 408.0, 26.0, 404.0
WIDTH, HEIGHT = 420, 444
TICK_X, TICK_Y, TITLE_Y = LEFT - 6, BOTTOM + 16, BOTTOM + 34  # labels of the axes, left of and below the plot
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)  # of plain axes
MOST_STEPS = 8
TICKS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)
APART = 24.0  # between the labels of two ticks
NUMBERED = 25  # beyond, numbers beside the dots hide more than they tell
CURVE_POINTS = 48

Baseline = Callable[[float], float]
"""The OOD accuracy to be expected at an ID accuracy, both in 0..1."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How both axes are divided: `along` is a value's place before it is stretched to the plot, `ticks` ascend."""

    along: Callable[[float], float]
    ticks: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Point:
    """What one dot shows: two figures, such as ID accuracy x and OOD accuracy y in 0..1, and their standard errors.

    `number` stands beside the dot: an entry's place, or the point of a curve. What is no entry, and so never ranked, is
    drawn as a `ring`; predictions that were `sent`, an entry that was not run here, as a diamond.
    """

    label: str
    x: float
    y: float
    x_error: float | None = None
    y_error: float | None = None
    number: str = ""
    ring: bool = False
    sent: bool = False
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class Trail:
    """A line through places in their order, as (x, y) in 0..1: those of a curve."""

    label: str
    places: tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class Path:
    """A trail in the units of the drawing, as the points of a polyline: `x,y x,y ...`."""

    title: str
    points: str


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A point in the units of the drawing. `number_at` is where its number starts, None where none has room."""

    title: str
    href: str
    cx: float
    cy: float
    x_bar: tuple[float, float] | None
    y_bar: tuple[float, float] | None
    number: str
    ring: bool
    sent: bool
    number_at: Place | None = None


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A place on both axes: `x` along the horizontal one, `y` along the vertical one."""

    x: float
    y: float
    label: str


@dataclass(frozen=True, kw_only=True)
class Scatter:
    """A whole plot. `fit` is the baseline as the points of a polyline; y = x goes from corner to corner.

    `paths` lie beneath the dots.
    """

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    tick_x: float
    tick_y: float
    title_y: float
    ticks: tuple[Tick, ...]
    fit: str
    paths: tuple[Path, ...]
    dots: tuple[Dot, ...]
    alt: str

    @property
    def has_links(self) -> bool:
        """Whether it is more than a picture: then it is no `img`, which could not hold anything to follow."""
        return any(dot.href for dot in self.dots)

    @property
    def has_run(self) -> bool:
        return any(not (dot.ring or dot.sent) for dot in self.dots)

    @property
    def has_sent(self) -> bool:
        return any(dot.sent for dot in self.dots)

    @property
    def numbered(self) -> str:
        """Which of the entries have their number beside them: `all`, `some`, or empty for none."""
        entries = [dot.number_at is not None for dot in self.dots if not dot.ring]
        return "all" if all(entries) else "some" if any(entries) else ""


def scatter(
    points: Sequence[Point],
    *,
    alt: str,
    baseline: Baseline | None = None,
    trails: Sequence[Trail] = (),
    numbered: int = NUMBERED,
    centred: bool = False,
    plain: bool = False,
    names: tuple[str, str] = ("ID", "OOD"),
    unit: str = "%",
) -> Scatter | None:
    """The plot of these points on two equal axes; None when there is no point to draw.

    The axes are logit axes of shares in 0..1 unless `plain`; a baseline is for logit axes. `names` are said of x and y
    in what a dot is called.

    The axes reach around the trails, too; of a trail, places that are not finite are left out. Only up to `numbered`
    dots have their numbers, right above or below them if `centred`.
    """
    known = [p for p in points if math.isfinite(p.x) and math.isfinite(p.y)]
    if not known:
        return None
    ends = [*_ends(known), *chain.from_iterable(place for trail in trails for place in _finite(trail))]
    scale = plain_scale(ends) if plain else LOGIT
    low, high = _range(ends, scale.ticks)
    place_x, place_y = _placed(scale, low, high, LEFT, RIGHT), _placed(scale, low, high, BOTTOM, TOP)
    written = _Written(names=names, unit=unit)
    # The best last, so that it lies on top.
    best_last, few = sorted(known, key=lambda p: p.y), len(known) <= numbered
    dots = [_dot(p, place_x, place_y, numbered=few, written=written) for p in best_last]
    return Scatter(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=RIGHT,
        top=TOP,
        bottom=BOTTOM,
        tick_x=TICK_X,
        tick_y=TICK_Y,
        title_y=TITLE_Y,
        ticks=tuple(_ticks([t for t in scale.ticks if low <= t <= high], place_x, place_y, written)),
        fit=_curve(baseline, low, high, place_x, place_y) if baseline else "",
        paths=tuple(Path(title=t.label, points=_line(_finite(t), place_x, place_y)) for t in trails),
        dots=tuple(_numbered(dots, centred)),
        alt=alt,
    )


def logit(share: float) -> float:
    """log(p / (1 - p)), with p kept within the outermost ticks: an accuracy of 0 or 1 has no logit.

    >>> logit(0.5)
    0.0
    """
    kept = min(max(share, TICKS[0]), TICKS[-1])
    return math.log(kept / (1 - kept))


@dataclass(frozen=True, kw_only=True)
class _Written:
    """How the figures of a plot are written: what x and y are called, and whether in per cent."""

    names: tuple[str, str]
    unit: str

    @property
    def factor(self) -> int:
        return 100 if self.unit == "%" else 1

    def title(self, point: Point) -> str:
        """What a dot is called."""
        x, y = self._value(point.x, point.x_error), self._value(point.y, point.y_error)
        return f"{point.label}: {y} {self.names[1]}, {x} {self.names[0]}"

    def _value(self, value: float, error: float | None) -> str:
        digits = 1 if self.unit == "%" else 3
        after = "" if error is None else f" \N{PLUS-MINUS SIGN} {error * self.factor:.{digits}f}"
        return f"{value * self.factor:.{digits}f}{after}"


LOGIT = Scale(along=logit, ticks=TICKS)


def plain_scale(values: Sequence[float]) -> Scale:
    """A scale of even steps around these values, at most MOST_STEPS of them or as few as the widest step gives.

    >>> plain_scale([0.21, 0.88]).ticks
    (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    """
    span = max(values) - min(values)
    step = next((step for step in STEPS if span <= step * (MOST_STEPS - 1)), STEPS[-1])
    first, last = math.floor(min(values) / step), math.ceil(max(values) / step)
    return Scale(along=float, ticks=tuple(round(number * step, 6) for number in range(first, max(last, first + 1) + 1)))


def _placed(scale: Scale, low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    first, last = scale.along(low), scale.along(high)
    return lambda value: start + (end - start) * (scale.along(min(max(value, low), high)) - first) / (last - first)


def _ends(points: Iterable[Point]) -> Iterable[float]:
    """How far the points reach with their errors, on both axes."""
    return (end for p in points for v, e in ((p.x, p.x_error), (p.y, p.y_error)) for end in _bounds(v, e))


def _finite(trail: Trail) -> list[tuple[float, float]]:
    return [(x, y) for x, y in trail.places if math.isfinite(x) and math.isfinite(y)]


def _range(values: Sequence[float], ticks: Sequence[float]) -> tuple[float, float]:
    """The ticks around all values, at least two steps apart where there are as many."""
    below = max((i for i, t in enumerate(ticks) if t < min(values)), default=0)
    above = min((i for i, t in enumerate(ticks) if t > max(values)), default=len(ticks) - 1)
    if above - below < 2:
        below, above = max(below - 1, 0), min(above + 1, len(ticks) - 1)
    return ticks[below], ticks[above]


def _bounds(value: float, error: float | None) -> tuple[float, float]:
    spread = error or 0.0
    return value - spread, value + spread


def _ticks(values: Iterable[float], place_x: Baseline, place_y: Baseline, written: _Written) -> Iterable[Tick]:
    """Every tick that has room beside the one before."""
    before = -math.inf
    for value in values:
        x = place_x(value)
        if x - before >= APART:
            before = x
            yield Tick(x=x, y=place_y(value), label=f"{value * written.factor:g}")


def _curve(baseline: Baseline, low: float, high: float, place_x: Baseline, place_y: Baseline) -> str:
    """The baseline where it lies within the plot, as `x,y x,y ...`."""
    first, last = logit(low), logit(high)
    steps = (first + (last - first) * step / CURVE_POINTS for step in range(CURVE_POINTS + 1))
    pairs = ((share, baseline(share)) for share in (1 / (1 + math.exp(-step)) for step in steps))
    return _line(((x, y) for x, y in pairs if low <= y <= high), place_x, place_y)


def _line(places: Iterable[tuple[float, float]], place_x: Baseline, place_y: Baseline) -> str:
    """Accuracies as the points of a polyline."""
    return " ".join(f"{place_x(x):.1f},{place_y(y):.1f}" for x, y in places)


def _dot(point: Point, place_x: Baseline, place_y: Baseline, *, numbered: bool, written: _Written) -> Dot:
    return Dot(
        title=written.title(point),
        href=point.href,
        cx=place_x(point.x),
        cy=place_y(point.y),
        x_bar=_bar(point.x, point.x_error, place_x),
        y_bar=_bar(point.y, point.y_error, place_y),
        number=point.number if numbered else "",
        ring=point.ring,
        sent=point.sent,
    )


def _numbered(dots: Sequence[Dot], centred: bool) -> Iterable[Dot]:
    """The same dots with the places of their numbers; the best choose first."""
    best_first = dots[::-1]
    places = beside([(d.cx, d.cy) for d in best_first], [d.number for d in best_first], centred=centred)
    return (replace(dot, number_at=place) for dot, place in zip(dots, places[::-1], strict=True))


def _bar(value: float, error: float | None, place: Baseline) -> tuple[float, float] | None:
    if error is None:
        return None
    start, end = _bounds(value, error)
    return place(start), place(end)
