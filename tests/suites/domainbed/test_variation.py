"""Variation and informativeness of predictions: by hand, and what they keep."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield_evaluators.suites.domainbed.selection import Statistics
from farfield_evaluators.suites.domainbed.variation import Ints, prediction_statistics


def statistics(*rows: tuple[int, int, int], classes: int = 2) -> Statistics:
    """Of (predicted, label, environment)."""
    predicted, labels, environments = np.array(rows).reshape(-1, 3).T
    return prediction_statistics(predicted, labels, environments, classes)


def test_a_predictor_that_is_always_right_varies_in_nothing_and_tells_everything() -> None:
    found = statistics((0, 0, 0), (1, 1, 0), (0, 0, 1), (1, 1, 1))
    assert found == Statistics(variation=0.0, informativeness=1.0)


def test_a_constant_predictor_varies_in_nothing_and_tells_nothing() -> None:
    found = statistics((0, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 1))
    assert found == Statistics(variation=0.0, informativeness=0.0)


def test_a_predictor_by_environment_varies_fully() -> None:
    found = statistics((0, 0, 0), (0, 1, 0), (1, 0, 1), (1, 1, 1))
    assert found == Statistics(variation=1.0, informativeness=0.0)


def test_the_figures_of_a_case_in_between() -> None:
    # Environment 0: label 0 -> half 0, half 1; label 1 -> 1. Environment 1: label 0 -> 3/4 0; label 1 -> 1/2 each.
    rows = [(0, 0, 0), (1, 0, 0), (1, 1, 0), *[(0, 0, 1)] * 3, (1, 0, 1), (0, 1, 1), (1, 1, 1)]
    found = statistics(*rows)
    assert found.variation == pytest.approx(0.5)  # of label 1; of label 0 it is 1/4
    assert found.informativeness == pytest.approx(0.25)  # in environment 1; in environment 0 it is 1/2


def test_classes_that_are_in_one_environment_only_do_not_count() -> None:
    assert statistics((0, 0, 0), (1, 1, 1)) == Statistics(variation=0.0, informativeness=0.0)
    assert statistics((0, 0, 0), (1, 1, 0)) == Statistics(variation=0.0, informativeness=1.0)
    assert statistics(classes=3) == Statistics(variation=0.0, informativeness=0.0)


examples = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 3)), max_size=40)


@given(examples, st.randoms(use_true_random=False), st.permutations(range(4)), st.permutations(range(3)))
def test_neither_the_order_nor_the_names_matter(
    rows: list[tuple[int, int, int]], shuffler: np.random.Generator, names: list[int], classes: list[int]
) -> None:
    shuffled = [(classes[p], classes[label], names[e]) for p, label, e in rows]
    shuffler.shuffle(shuffled)
    before, after = statistics(*rows, classes=3), statistics(*shuffled, classes=3)
    assert after.variation == pytest.approx(before.variation)
    assert after.informativeness == pytest.approx(before.informativeness)
    assert 0 <= before.variation <= 1
    assert 0 <= before.informativeness <= 1


@given(examples)
def test_an_environment_that_is_there_twice_changes_nothing(rows: list[tuple[int, int, int]]) -> None:
    twin = [(p, label, 4) for p, label, e in rows if e == 0]
    assert statistics(*rows, *twin, classes=3) == statistics(*rows, classes=3)


def test_it_takes_arrays_of_any_whole_type() -> None:
    predicted: Ints = np.array([0, 1], np.uint8)
    found = prediction_statistics(predicted, np.array([0, 1], np.int16), np.array([3, 3], np.int64), 2)
    assert found.informativeness == 1.0
