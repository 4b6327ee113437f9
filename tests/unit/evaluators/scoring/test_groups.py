"""Figures of groups, against an implementation of its own of what the literature calls worst-group accuracy."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score
from tests.unit.evaluators.scoring.made import classified, figures_of

from farfield_evaluators.figure import Figure
from farfield_evaluators.scoring.aggregates import Aggregate, worst
from farfield_evaluators.scoring.classification import ACCURACY, BRIER, NLL
from farfield_evaluators.scoring.groups import Grouping, mean_over, per_group, worst_of
from farfield_evaluators.scoring.scorer import ScorerError, Wanted, score_tests
from farfield_evaluators.scoring.test import Attribute, Test

CLASSES = 3
BY = ("place", "label")


def made(seed: int = 0, count: int = 60, places: int = 4, name: str = "test") -> Test:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES, count)
    logits = rng.normal(size=(count, CLASSES)) + np.eye(CLASSES)[labels]
    return classified(name, "shift", logits, labels, place=rng.integers(0, places, count))


def group_index(columns: Sequence[np.ndarray], sizes: Sequence[int]) -> np.ndarray:
    """As WILDS numbers groups: the first of the fields varies fastest."""
    return np.ravel_multi_index(tuple(columns), tuple(sizes), order="F")


def oracle(test: Test, by: Sequence[str]) -> dict[tuple[int, ...], tuple[float, int]]:
    """Accuracy and count of each group that has examples, one example after the other."""
    answers = test.outputs["logits"].argmax(axis=1)
    members: dict[tuple[int, ...], list[int]] = {}
    for row in range(len(test)):
        key = tuple(int(test.attributes[name].numbers[row]) for name in by)
        members.setdefault(key, []).append(row)
    return {key: (float(accuracy_score(test.labels[rows], answers[rows])), len(rows)) for key, rows in members.items()}


def only(figures: tuple[Figure, ...], metric: str, domain: str = "test") -> Figure:
    [figure] = [figure for figure in figures if figure.key == (metric, domain)]
    return figure


@given(st.integers(0, 10_000), st.integers(1, 80), st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_groups_are_those_of_an_independent_count(seed: int, count: int, places: int) -> None:
    test = made(seed, count, places)
    expected = oracle(test, BY)
    figures = figures_of([test], (worst_of(ACCURACY, BY), mean_over(ACCURACY, BY), per_group(ACCURACY, BY)))
    least = min(value for value, _ in expected.values())
    found = only(figures, "worst-group-accuracy")
    assert found.value == pytest.approx(least, abs=1e-12)
    assert found.n in {n for value, n in expected.values() if value == pytest.approx(least)}
    assert found.stderr == pytest.approx(math.sqrt(found.value * (1 - found.value) / found.n), abs=1e-12)
    middle = only(figures, "group-mean-accuracy")
    assert middle.value == pytest.approx(np.mean([value for value, _ in expected.values()]), abs=1e-12)
    assert middle.n == count
    each = {figure.domain: (figure.value, figure.n) for figure in figures if figure.metric == "accuracy"}
    named = {f"test[place=p{p}, label=l{y}]": figure for (p, y), figure in expected.items()}
    assert each.keys() == named.keys()
    assert all(each[name] == (pytest.approx(value, abs=1e-12), n) for name, (value, n) in named.items())


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_no_order_of_the_examples_changes_a_figure(seed: int) -> None:
    test = made(seed)
    shuffled = test.part(np.random.default_rng(seed).permutation(len(test)))
    scorers = (worst_of(NLL, BY), worst_of(ACCURACY, BY), per_group(BRIER, BY))
    assert figures_of([test], scorers) == figures_of([shuffled], scorers)


def test_the_worst_of_what_should_be_low_is_the_highest() -> None:
    figures = figures_of([made()], (worst_of(NLL, ("place",)), per_group(NLL, ("place",))))
    each = [figure.value for figure in figures if figure.metric == "nll"]
    assert only(figures, "worst-group-nll").value == max(each) > min(each)


def test_groups_are_numbered_with_the_first_column_fastest() -> None:
    sizes = (2, 3, 4)
    cells = np.array(list(itertools.product(*map(range, sizes))))
    names = ("a", "b", "c")
    attributes = {
        name: Attribute(numbers=cells[:, i], values=tuple(f"{name}{n}" for n in range(sizes[i])))
        for i, name in enumerate(names)
    }
    test = Test(domain="test", role="id", count=len(cells), outputs={}, attributes=attributes)
    grouping = Grouping(by=names)
    assert grouping.count(test) == 24
    assert (grouping.numbers(test) == group_index(cells.T, sizes)).all()
    assert grouping.name(test, int(group_index([[1], [0], [2]], sizes)[0])) == "test[a=a1, b=b0, c=c2]"
    reversed_names = Grouping(by=names[::-1])
    assert (reversed_names.numbers(test) == group_index(cells.T[::-1], sizes[::-1])).all()


def test_an_empty_group_is_named_and_is_no_zero() -> None:
    test = made()
    rows = np.flatnonzero((test.attributes["place"].numbers != 2) | (test.labels != 1))
    part = test.part(rows)
    assert list(Grouping(by=BY).empty(part)) == ["test[place=p2, label=l1]"]
    names = {figure.domain for figure in figures_of([part], (per_group(ACCURACY, BY),))}
    assert len(names) == 11
    assert "test[place=p2, label=l1]" not in names
    hits = part.labels
    right = classified("test", "shift", np.eye(CLASSES)[hits], hits, place=part.attributes["place"].numbers)
    assert only(figures_of([right], (worst_of(ACCURACY, BY),)), "worst-group-accuracy").value == 1


def test_small_groups_do_not_count_where_a_least_size_is_asked() -> None:
    test = made()
    sizes = {key: n for key, (_, n) in oracle(test, BY).items()}
    least = sorted(sizes.values())[4]
    figures = figures_of([test], (per_group(ACCURACY, BY, smallest=least),))
    assert {figure.n for figure in figures} == {n for n in sizes.values() if n >= least}
    empty = list(Grouping(by=BY, smallest=least).empty(test))
    assert len(empty) + len(figures) == 12


def test_an_example_without_a_value_is_of_no_group() -> None:
    test = made()
    place = np.where(np.arange(len(test)) < 10, -1, test.attributes["place"].numbers)
    known = classified("test", "shift", test.outputs["logits"], test.labels, place=place)
    assert only(figures_of([known], (mean_over(ACCURACY, BY),)), "group-mean-accuracy").n == len(test) - 10


def test_only_some_groups_can_count() -> None:
    """As where the worst is over those that carry an attribute, and not over those that do not."""
    scorer = worst_of(ACCURACY, BY, keep=lambda values: values["place"] == "p1")
    test = made()
    expected = min(value for (place, _), (value, _) in oracle(test, BY).items() if place == 1)
    assert only(figures_of([test], (scorer,)), "worst-group-accuracy").value == pytest.approx(expected)


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(ScorerError, match="test has no column hospital to make groups of; it has label, place"):
        figures_of([made()], (worst_of(ACCURACY, ("hospital",)),))
    with pytest.raises(ScorerError, match="one or more different columns"):
        Grouping(by=())


def test_a_name_that_is_too_long_is_the_groups_number() -> None:
    test = made()
    values = tuple("x" * 90 + str(n) for n in range(4))
    long = Test(
        domain="test", role="id", count=60, outputs=test.outputs, targets=test.targets, classes=CLASSES,
        attributes={"place": Attribute(numbers=test.attributes["place"].numbers, values=values)},
    )  # fmt: skip
    assert [f.domain for f in figures_of([long], (per_group(ACCURACY, ("place",)),))] == [
        f"test[group {n}]" for n in range(4)
    ]


def test_aggregates_are_over_the_tests_groups() -> None:
    tests = [made(1, name="a"), made(2, name="b")]
    scorer = worst_of(ACCURACY, BY)
    lowest = Aggregate(name="lowest", title="Lowest", domains=("a", "b"), combine=worst)
    wanted = Wanted(metrics=frozenset({"worst-group-accuracy"}), aggregates=(lowest,))
    figures = {figure.domain: figure for figure in score_tests((scorer,), tests, wanted)}
    assert figures.keys() == {"a", "b", "lowest"}
    assert figures["lowest"].value == min(figures["a"].value, figures["b"].value)


def test_names_tell_several_worsts_apart() -> None:
    scorer = worst_of(ACCURACY, ("place",), name="worst-place")
    assert [metric.name for metric in scorer.gives] == ["worst-place-accuracy"]
    assert scorer.gives[0].title == "Worst place, Accuracy"
    assert hash(scorer) == hash(worst_of(ACCURACY, ("place",), name="worst-place"))
