from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.made_boards import board

from farfield_evaluators.inference.pairs import compare
from farfield_evaluators.inference.ranks import Standing, standings
from farfield_evaluators.inference.resampling import Estimates, Outcomes, bootstrap

accuracy = st.sampled_from([0.3, 0.5, 0.52, 0.6, 0.9])
boards = st.builds(
    lambda accuracies, seed: bootstrap([board(accuracies, 300, seed)], resamples=200),
    st.lists(accuracy, min_size=1, max_size=7),
    st.integers(0, 1000),
)
quick = settings(max_examples=40, deadline=None)


def ranked(estimates: Estimates, *, higher_is_better: bool = True) -> tuple[Standing, ...]:
    return standings(estimates, higher_is_better=higher_is_better)


def columns(estimates: Estimates, chosen: list[int]) -> Estimates:
    return Estimates(values=estimates.values[chosen], draws=estimates.draws[:, chosen])


@quick
@given(boards)
def test_a_rank_lies_in_its_interval_and_tiers_follow_ranks(estimates: Estimates) -> None:
    placed = ranked(estimates)
    assert all(1 <= s.low <= s.rank <= s.high <= len(placed) for s in placed)
    in_order = sorted(placed, key=lambda s: s.rank)
    assert [s.tier for s in in_order] == sorted(s.tier for s in placed)
    assert in_order[0].tier == 1


@quick
@given(boards, st.randoms(use_true_random=False))
def test_the_order_of_entries_changes_nothing(estimates: Estimates, random: st.DataObject) -> None:
    order = list(range(len(estimates)))
    random.shuffle(order)  # type: ignore[attr-defined]
    ties = len(set(estimates.values.tolist())) < len(order)
    for moved, own in zip(ranked(columns(estimates, order)), [ranked(estimates)[n] for n in order], strict=True):
        assert (moved.rank, moved.low, moved.high) == (own.rank, own.low, own.high)
        assert ties or moved.tier == own.tier


@quick
@given(boards)
def test_the_direction_of_a_metric(estimates: Estimates) -> None:
    turned = Estimates(values=-estimates.values, draws=-estimates.draws)
    assert ranked(turned, higher_is_better=False) == ranked(estimates)


@quick
@given(boards, st.integers(0, 6))
def test_an_entry_that_comes_twice_stands_twice_in_the_same_place(estimates: Estimates, number: int) -> None:
    number %= len(estimates)
    placed = ranked(columns(estimates, [*range(len(estimates)), number]))
    first, second = placed[number], placed[-1]
    assert (first.rank, first.low, first.high) == (second.rank, second.low, second.high)


@quick
@given(boards, accuracy)
def test_a_further_entry_makes_nobody_surely_better(estimates: Estimates, other: float) -> None:
    """Whoever was not told apart stays so: more comparisons only ask for more."""
    extra = bootstrap([board([other], 300, 9)], resamples=200)
    joined = Estimates(
        values=np.append(estimates.values, extra.values), draws=np.column_stack([estimates.draws, extra.draws])
    )
    before = compare(estimates, higher_is_better=True).better
    after = compare(joined, higher_is_better=True).better[:-1, :-1]
    assert not (after & ~before).any()


@quick
@given(boards)
def test_an_entry_that_is_clearly_worse_changes_no_other(estimates: Estimates) -> None:
    """Its comparisons are decided first, and the others are then held against one another as before."""
    worse = estimates.draws[:, :1] * 0 + np.random.default_rng(0).normal(0, 0.001, (200, 1)) - 5
    joined = Estimates(values=np.append(estimates.values, -5.0), draws=np.column_stack([estimates.draws, worse]))
    before, after = ranked(estimates), ranked(joined)
    last = len(after)
    assert after[-1] == Standing(rank=last, low=last, high=last, tier=after[-1].tier)
    assert after[:-1] == before


def test_equal_figures_share_a_rank_and_their_interval_spans_them() -> None:
    values = np.array([0.9, 0.7, 0.7, 0.1])
    noise = np.random.default_rng(1).normal(0, 0.001, (500, 4))
    placed = ranked(Estimates(values=values, draws=values + noise))
    assert [(s.rank, s.low, s.high, s.tier) for s in placed] == [(1, 1, 1, 1), (2, 2, 3, 2), (2, 2, 3, 2), (4, 4, 4, 3)]


@pytest.mark.parametrize("accuracies", [[0.6] * 5, [0.5, 0.6, 0.6, 0.62, 0.8]])
def test_all_intervals_of_a_board_hold_the_truth_in_95_of_100_boards(accuracies: list[float]) -> None:
    """Over boards drawn anew; what a fair count of 95 in 100 would give in 99 of 100 tries is asked for."""
    truth = np.array(accuracies)
    first = 1 + (truth[None] > truth[:, None]).sum(axis=1)
    last = len(truth) - (truth[None] < truth[:, None]).sum(axis=1)
    tries = 300
    right = sum(
        all(s.low <= low and high <= s.high for s, low, high in zip(ranked(drawn), first, last, strict=True))
        for drawn in (bootstrap([board(accuracies, 300, seed)], resamples=300, seed=seed) for seed in range(tries))
    )
    least = 0.95 * tries + NormalDist().inv_cdf(0.01) * np.sqrt(0.95 * 0.05 * tries)
    assert right >= least


def test_a_difference_that_is_there_is_seen() -> None:
    placed = ranked(bootstrap([board([0.5, 0.6, 0.9], 3000, 2)]))
    assert [(s.low, s.high, s.tier) for s in placed] == [(3, 3, 3), (2, 2, 2), (1, 1, 1)]


def test_pairing_sees_what_errors_of_single_figures_hide() -> None:
    """Two methods that fail on nearly the same examples: one more percent right is no chance then."""
    rng = np.random.default_rng(4)
    base = rng.random(2000) < 0.6
    better = base | (rng.random(2000) < 0.03)
    values = np.column_stack([base, better]).astype(float)
    assert [s.high for s in ranked(bootstrap([Outcomes(values=values)]))] == [2, 1]
