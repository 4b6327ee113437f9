"""The plot of OOD against ID accuracy: where its dots, axes and baseline lie."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield_evaluators.metrics.robustness import Line
from farfield_web.pages.boards.scatter import BOTTOM, LEFT, NUMBERED, RIGHT, TOP, Point, Scatter, Trail, logit, scatter
from farfield_web.pages.numbers import RADIUS, box_of, overlap

SHARES = st.floats(0, 1)


def point(x: float, y: float, **more: object) -> Point:
    return Point(label="m", x=x, y=y, **more)  # type: ignore[arg-type] # as the caller says


def plot_of(*points: Point, **more: object) -> Scatter:
    found = scatter(points, alt="test", **more)  # type: ignore[arg-type] # as the caller says
    assert found is not None
    return found


def test_nothing_to_draw_is_no_plot() -> None:
    assert scatter([], alt="none") is None
    assert scatter([point(math.nan, 0.5)], alt="none") is None


@given(st.lists(st.tuples(SHARES, SHARES, st.floats(0, 0.5)), min_size=1, max_size=8))
def test_everything_lies_inside(values: list[tuple[float, float, float]]) -> None:
    found = plot_of(*(point(x, y, x_error=error, y_error=error) for x, y, error in values))
    for dot in found.dots:
        assert dot.x_bar is not None
        assert dot.y_bar is not None
        assert all(LEFT - 1e-6 <= place <= RIGHT + 1e-6 for place in (dot.cx, *dot.x_bar))
        assert all(TOP - 1e-6 <= place <= BOTTOM + 1e-6 for place in (dot.cy, *dot.y_bar))
    assert len(found.ticks) >= 2


def test_more_id_is_further_right_and_more_ood_higher() -> None:
    low, high = plot_of(point(0.6, 0.2), point(0.8, 0.4)).dots
    assert low.cx < high.cx
    assert low.cy > high.cy


@given(st.floats(0.02, 0.98), st.floats(0.02, 0.98))
def test_equal_accuracies_lie_on_the_diagonal(share: float, other: float) -> None:
    dot = next(d for d in plot_of(point(share, share, number="1"), point(other, other)).dots if d.number == "1")
    assert (dot.cx - LEFT) / (RIGHT - LEFT) == pytest.approx((BOTTOM - dot.cy) / (BOTTOM - TOP))


def test_axes_are_in_logits() -> None:
    found = plot_of(point(0.5, 0.1), point(0.9, 0.9))
    first, middle, last = found.dots[0].cy, None, found.dots[1].cy
    middle = plot_of(point(0.5, 0.5), point(0.5, 0.1), point(0.9, 0.9)).dots[1].cy
    assert logit(0.9) == pytest.approx(-logit(0.1))
    assert middle == pytest.approx((first + last) / 2)


def test_an_accuracy_of_nothing_or_everything_has_its_place() -> None:
    none, whole = plot_of(point(0.5, 0.0), point(0.5, 1.0)).dots
    assert (none.cy, whole.cy) == (pytest.approx(BOTTOM), pytest.approx(TOP))


def test_labels_of_ticks_do_not_touch() -> None:
    places = [tick.x for tick in plot_of(point(0.99, 0.006), point(0.5, 0.5)).ticks]
    assert min(b - a for a, b in pairwise(places)) >= 24


def test_a_baseline_that_is_the_diagonal_lies_on_it() -> None:
    found = plot_of(point(0.6, 0.3), baseline=Line(slope=1.0, intercept=0.0))
    for pair in found.fit.split():
        x, y = (float(text) for text in pair.split(","))
        assert (x - LEFT) / (RIGHT - LEFT) == pytest.approx((BOTTOM - y) / (BOTTOM - TOP), abs=1e-3)


def test_a_baseline_outside_the_plot_is_not_drawn() -> None:
    assert plot_of(point(0.6, 0.3), baseline=lambda _: 0.001).fit == ""
    assert plot_of(point(0.6, 0.3)).fit == ""


def test_a_dot_says_what_it_is() -> None:
    (dot,) = plot_of(point(0.811, 0.4, y_error=0.012, number="3", href="/there/")).dots
    assert dot.title == "m: 40.0 ± 1.2 OOD, 81.1 ID"
    assert (dot.number, dot.href, dot.x_bar) == ("3", "/there/", None)


PLACES = st.lists(st.tuples(SHARES, SHARES), min_size=2, max_size=12)


def places_of(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in path.split())]


@given(PLACES, PLACES)
def test_a_trail_lies_inside_however_far_from_the_dots(
    first: list[tuple[float, float]], second: list[tuple[float, float]]
) -> None:
    trails = [Trail(label=str(n), places=tuple(places)) for n, places in enumerate((first, second))]
    found = plot_of(point(0.5, 0.5), trails=trails)
    assert [len(places_of(path.points)) for path in found.paths] == [len(first), len(second)]
    for x, y in (place for path in found.paths for place in places_of(path.points)):
        assert LEFT <= x <= RIGHT
        assert TOP <= y <= BOTTOM


@given(PLACES)
def test_a_trail_goes_through_the_dots_of_its_places_in_their_order(places: list[tuple[float, float]]) -> None:
    found = plot_of(*(point(x, y) for x, y in places), trails=[Trail(label="m", places=tuple(places))])
    drawn = places_of(found.paths[0].points)
    assert sorted(drawn) == sorted((round(dot.cx, 1), round(dot.cy, 1)) for dot in found.dots)
    lefts = [x for x, _ in drawn]
    for before, after in zip(pairwise(places), pairwise(lefts), strict=True):
        assert (after[1] - after[0]) * (before[1][0] - before[0][0]) >= 0


def test_a_trail_widens_the_axes_and_leaves_out_what_is_no_number() -> None:
    near = plot_of(point(0.6, 0.5))
    trail = Trail(label="m", places=((0.6, 0.5), (math.nan, 0.5), (0.97, 0.03)))
    far = plot_of(point(0.6, 0.5), trails=[trail])
    assert len(far.ticks) > len(near.ticks)
    assert len(places_of(far.paths[0].points)) == 2


def test_a_trail_without_a_dot_is_no_plot() -> None:
    assert scatter([], alt="none", trails=[Trail(label="m", places=((0.1, 0.1), (0.2, 0.2)))]) is None


def test_more_dots_may_be_numbered_where_asked() -> None:
    points = [point(0.01 * n, 0.01 * n, number=str(n)) for n in range(1, NUMBERED + 2)]
    assert plot_of(*points, numbered=NUMBERED + 1).dots[0].number == "1"


def test_very_many_dots_have_no_numbers() -> None:
    found = plot_of(*(point(0.5, 0.5, number=str(n)) for n in range(1, NUMBERED + 2)))
    assert {dot.number for dot in found.dots} == {""}


@given(st.lists(st.tuples(SHARES, SHARES), min_size=1, max_size=NUMBERED), st.booleans())
def test_no_number_lies_on_another_or_on_a_dot(values: list[tuple[float, float]], centred: bool) -> None:
    numbered = (point(x, y, number=str(rank / 2)) for rank, (x, y) in enumerate(values, 1))
    dots = plot_of(*numbered, centred=centred).dots
    boxes = [box_of(dot.number_at, dot.number) for dot in dots if dot.number_at]
    boxes += [(d.cx - RADIUS, d.cy - RADIUS, d.cx + RADIUS, d.cy + RADIUS) for d in dots]
    numbers = len(boxes) - len(dots)
    assert not any(overlap(boxes[i], other) for i in range(numbers) for other in boxes[i + 1 :])


def test_numbers_of_neighbours_stand_apart_and_both_are_there() -> None:
    dots = plot_of(point(0.18, 0.143, number="9"), point(0.181, 0.148, number="8"), point(0.9, 0.9, number="1")).dots
    assert all(dot.number_at for dot in dots)


@given(st.floats(0.2, 0.5), st.floats(0.05, 0.5))
def test_centred_numbers_of_a_curve_stand_right_above_or_below_their_own_dots(width: float, height: float) -> None:
    steps = [n / 10 for n in range(11)]
    arch = [point(0.4 + width * at, 0.3 + height * at * (1 - at), number=f"{at:g}") for at in steps]
    for dot in plot_of(*arch, centred=True).dots:
        assert dot.number_at is not None
        left, top, right, bottom = box_of(dot.number_at, dot.number)
        assert (left + right) / 2 == pytest.approx(dot.cx)
        assert min(abs(bottom - dot.cy), abs(top - dot.cy)) < 2 * RADIUS


def test_boxes_overlap_only_where_they_share_an_area() -> None:
    assert overlap((0, 0, 2, 2), (1, 1, 3, 3))
    assert overlap((0, 0, 9, 9), (1, 1, 3, 3))
    assert not overlap((0, 0, 2, 2), (2, 0, 4, 2))
    assert not overlap((0, 0, 2, 2), (0, 3, 2, 5))
