"""Ranking: examples that other boards got wrong, and properties that always hold."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield_evaluators.figure import Figure
from farfield_web.leaderboards.ranking import Placed, aggregate, rank, within_error

FIGURES = st.builds(
    Figure,
    value=st.floats(0, 1) | st.sampled_from([0.0, 0.5, 0.5 + 1e-12, 1.0]),
    stderr=st.none() | st.floats(0, 0.2),
)
ITEMS = st.lists(st.none() | FIGURES, max_size=30).map(lambda figures: list(enumerate(figures)))
Items = list[tuple[int, Figure | None]]


def figure(value: float, stderr: float | None = None) -> Figure:
    return Figure(metric="a", domain="id", value=value, stderr=stderr, n=None)


def placed(*values: float | None, higher: bool = True) -> list[Placed[int]]:
    items = [(number, None if value is None else figure(value)) for number, value in enumerate(values)]
    return rank(items, higher_is_better=higher, title="Mean")


def test_competition_ranking() -> None:
    assert [(p.item, p.rank) for p in placed(0.2, 0.9, 0.9, 0.5)] == [(1, 1), (2, 1), (3, 3), (0, 4)]


def test_missing_is_unranked_in_both_directions() -> None:
    for higher in (True, False):
        last = placed(0.2, None, math.nan, 0.1, higher=higher)[2:]
        assert [(p.item, p.rank, p.reason) for p in last] == [
            (1, None, "no result for Mean"),
            (2, None, "no result for Mean"),
        ]


def test_lower_is_better() -> None:
    assert [p.item for p in placed(0.2, 0.1, 0.3, higher=False)] == [1, 0, 2]


def test_full_precision_decides() -> None:
    assert [p.rank for p in placed(0.5, 0.5 + 1e-12)] == [1, 2]


def test_the_best_alone_is_not_tied_and_two_bests_are() -> None:
    assert [p.tied_with_best for p in placed(0.9, 0.1)] == [False, False]
    assert [p.tied_with_best for p in placed(0.9, 0.9, 0.1)] == [True, True, False]


@pytest.mark.parametrize(("gap", "tied"), [(0.0276, True), (0.0278, False)])
def test_within_error_is_a_95_percent_test(gap: float, tied: bool) -> None:
    # 1.96 * sqrt(0.01^2 + 0.01^2) = 0.02772
    assert within_error(figure(0.5, 0.01), figure(0.5 + gap, 0.01)) is tied


def test_without_an_error_only_equals_are_tied() -> None:
    assert not within_error(figure(0.5), figure(0.5001, 0.1))
    assert within_error(figure(0.5), figure(0.5))


def test_one_trial_keeps_its_error_over_examples() -> None:
    assert aggregate([{("a", "id"): figure(0.5, 0.03)}]) == {("a", "id"): figure(0.5, 0.03)}


def test_several_trials_give_mean_and_error_over_trials() -> None:
    found = aggregate([{("a", "id"): figure(value, 0.5)} for value in (0.4, 0.5, 0.6)])[("a", "id")]
    assert found.value == pytest.approx(0.5)
    assert found.stderr == pytest.approx(0.1 / math.sqrt(3))
    assert found.trials == 3


def test_a_figure_that_one_trial_lacks_is_missing() -> None:
    assert aggregate([{("a", "id"): figure(0.4)}, {}]) == {}
    assert aggregate([]) == {}


@given(ITEMS, st.booleans())
def test_every_item_has_one_place(items: Items, higher: bool) -> None:
    ranked = rank(items, higher_is_better=higher, title="x")
    assert sorted(p.item for p in ranked) == [item for item, _ in items]
    assert all((p.rank is None) == (dict(items)[p.item] is None) for p in ranked)


@given(ITEMS, st.booleans())
def test_a_rank_is_one_more_than_the_number_of_better_items(items: Items, higher: bool) -> None:
    values = {item: f.value for item, f in items if f is not None}
    for p in rank(items, higher_is_better=higher, title="x"):
        if p.rank is not None:
            mine = values[p.item]
            assert p.rank == 1 + sum((v > mine) if higher else (v < mine) for v in values.values())


@given(ITEMS, st.booleans())
def test_the_order_is_by_rank_with_the_unranked_last(items: Items, higher: bool) -> None:
    ranks = [p.rank or math.inf for p in rank(items, higher_is_better=higher, title="x")]
    assert all(a <= b for a, b in pairwise(ranks))


@given(ITEMS)
def test_the_direction_only_mirrors(items: Items) -> None:
    mirrored = [(i, None if f is None else figure(-f.value, f.stderr)) for i, f in items]
    up = rank(items, higher_is_better=True, title="x")
    assert [(p.item, p.rank, p.tied_with_best) for p in up] == [
        (p.item, p.rank, p.tied_with_best) for p in rank(mirrored, higher_is_better=False, title="x")
    ]


@given(FIGURES, FIGURES)
def test_being_within_error_is_mutual(a: Figure, b: Figure) -> None:
    assert within_error(a, b) == within_error(b, a)
