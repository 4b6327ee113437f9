"""Effective robustness against numpy's least squares and the testbed's constants."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield_evaluators.metrics import robustness
from farfield_evaluators.metrics.robustness import (
    TESTBED,
    Line,
    effective_robustness,
    fit_line,
    logit,
    robustness_stderr,
)

SHARES = st.floats(0.01, 0.99)


@given(st.lists(st.tuples(st.floats(0.55, 0.99), SHARES), min_size=3, max_size=30))
def test_the_fit_is_numpys_least_squares_on_logits(points: list[tuple[float, float]]) -> None:
    x, y = (np.log(v / (1 - v)) for v in np.array(points).T)
    if np.ptp(x) < 1e-3:
        return
    slope, intercept = np.polyfit(x, y, 1)
    found = fit_line(points)
    assert found is not None
    assert found.slope == pytest.approx(slope, rel=1e-6, abs=1e-6)
    assert found.intercept == pytest.approx(intercept, rel=1e-6, abs=1e-6)


@given(st.floats(0.1, 3), st.floats(-3, 3), st.lists(st.floats(0.56, 0.95), min_size=2, unique=True))
def test_models_on_a_line_give_it_back_and_have_no_robustness(slope: float, intercept: float, xs: list[float]) -> None:
    if max(xs) - min(xs) < 0.01:
        return
    line = Line(slope=slope, intercept=intercept)
    points = [(x, line(x)) for x in xs]
    found = fit_line(points)
    assert found is not None
    assert found.slope == pytest.approx(slope, abs=1e-6)
    for x, y in points:
        assert effective_robustness(x, y, found) == pytest.approx(0, abs=1e-9)


def test_weak_models_and_accuracies_without_a_logit_are_left_out() -> None:
    good = [(0.6, 0.3), (0.7, 0.5), (0.8, 0.55)]
    assert fit_line([*good, (0.54, 0.9), (0.9, 0.0), (1.0, 0.9), (0.9, 1.0)]) == fit_line(good)
    assert fit_line([*good, (0.54, 0.9)], least_id=0.5) != fit_line(good)


@pytest.mark.parametrize("points", [[], [(0.7, 0.5)], [(0.7, 0.5), (0.7, 0.6)], [(0.7, 0.5), (0.3, 0.2)]])
def test_too_few_models_determine_no_line(points: list[tuple[float, float]]) -> None:
    assert fit_line(points) is None


def test_the_testbeds_constants() -> None:
    """ResNet-50: 76.13 on val, 63.21 on V2 and 24.09 on Sketch, by hand from the constants."""
    expected = 1 / (1 + math.exp(-(0.923229 * math.log(0.7613 / 0.2387) - 0.497690)))
    assert effective_robustness(0.7613, 0.6321, TESTBED["v2"]) == pytest.approx(0.6321 - expected, abs=1e-12)
    assert abs(effective_robustness(0.7613, 0.2409, TESTBED["sketch"])) < 0.02
    assert set(TESTBED) == {"v2", "r", "a", "sketch", "objectnet"}


@pytest.mark.parametrize(
    ("x", "slope", "intercept"),
    [
        (0.8, 0.689446, -5.140046),
        (0.9185, 0.689446, -5.140046),
        (0.9186, 2.955960, -10.277397),
        (0.97, 2.95596, -10.277397),
    ],
)
def test_imagenet_a_has_two_pieces(x: float, slope: float, intercept: float) -> None:
    expected = 1 / (1 + math.exp(-(slope * math.log(x / (1 - x)) + intercept)))
    assert effective_robustness(x, 0.5, TESTBED["a"]) == pytest.approx(0.5 - expected, abs=1e-12)
    steepness = slope * expected * (1 - expected) / (x * (1 - x))
    assert robustness_stderr(x, 0.01, 0.0, TESTBED["a"]) == pytest.approx(steepness * 0.01)


def test_one_line_on_imagenet_a_would_turn_the_sign_of_the_best() -> None:
    one_line = Line(slope=1.990006, intercept=-7.632477)
    best = (0.985, 0.75)
    assert effective_robustness(*best, one_line) > 0 > effective_robustness(*best, TESTBED["a"])


@given(st.sampled_from(list(TESTBED)), st.floats(0, 1), st.floats(0, 1))
def test_it_stays_within_its_range(name: str, x: float, y: float) -> None:
    assert -1 <= effective_robustness(x, y, TESTBED[name]) <= 1


def test_ends_are_limits() -> None:
    rising, falling, flat = (Line(slope=s, intercept=0.0) for s in (1.0, -1.0, 0.0))
    assert (rising(0), rising(1), falling(0), falling(1), flat(0)) == (0, 1, 1, 0, 0.5)
    assert Line(slope=1000.0, intercept=0.0)(1e-300) == 0
    with pytest.raises(ValueError, match="from 0 to 1"):
        rising(1.5)


@given(st.sampled_from(list(TESTBED)), st.floats(0.05, 0.95))
def test_the_error_follows_the_lines_steepness(name: str, x: float) -> None:
    line, step = TESTBED[name].at(x), 1e-6
    steepness = (line(x + step) - line(x - step)) / (2 * step)
    assert robustness_stderr(x, 0.01, 0.0, TESTBED[name]) == pytest.approx(abs(steepness) * 0.01, rel=1e-4)
    assert robustness_stderr(x, 0.0, 0.02, TESTBED[name]) == pytest.approx(0.02)


def test_an_error_at_the_end_is_that_of_the_shift() -> None:
    assert robustness_stderr(1.0, 0.01, 0.02, TESTBED["r"]) == 0.02


def test_the_logit() -> None:
    assert logit(0.5) == 0
    assert logit(0.75) == pytest.approx(math.log(3))


def test_the_examples_in_the_docstrings() -> None:
    assert doctest.testmod(robustness).failed == 0
