"""Which curves are taken, and which are refused with a sentence."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield.errors import ProtocolError
from farfield.runtime.curve import MOST_POINTS, move, points_of


def line(points: Any) -> SimpleNamespace:
    return SimpleNamespace(curve_points=points, move_to=lambda point: None)


def test_a_method_without_points_has_no_curve() -> None:
    assert points_of(object()) == points_of(line(())) == points_of(SimpleNamespace(curve_points=[])) == ()


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), unique=True, max_size=MOST_POINTS).map(sorted))
def test_ascending_numbers_are_points(points: list[float]) -> None:
    assert points_of(line(points)) == tuple(points)


@pytest.mark.parametrize(
    ("method", "says"),
    [
        (SimpleNamespace(curve_points=(0.5,)), r"`move_to\(point\)` is not"),
        (SimpleNamespace(curve_points=(0.5,), move_to=3), r"`move_to\(point\)` is not"),
        (line(0.5), "must be a sequence of numbers"),
        (line(lambda: [0.5]), "must be a sequence of numbers"),
        (line(["half"]), "must be a sequence of numbers"),
        (line([0.5, 0.5]), "each above the one before"),
        (line([1, 0]), "each above the one before"),
        (line([0.0, float("nan")]), "each above the one before"),
        (line([float("inf")]), "must be finite numbers"),
        (line(range(MOST_POINTS + 1)), "33 points are too many; at most 32"),
    ],
)
def test_what_is_no_curve_is_told(method: Any, says: str) -> None:
    with pytest.raises(ProtocolError, match=says):
        points_of(method)


def test_moving_asks_the_method() -> None:
    moved: list[float] = []
    move(SimpleNamespace(move_to=moved.append), 0.25)
    assert moved == [0.25]
