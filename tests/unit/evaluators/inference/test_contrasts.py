import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.made_boards import board, hits

from farfield_evaluators.figure import Figure
from farfield_evaluators.inference.agreement import agreement, places_where
from farfield_evaluators.inference.columns import Basis
from farfield_evaluators.inference.contrasts import contrasts
from farfield_evaluators.inference.entries import Entered, estimates
from farfield_evaluators.inference.joint import Chosen, joint
from farfield_evaluators.inference.pairs import compare
from farfield_evaluators.inference.resampling import Estimates, bootstrap, independent

DOMAINS = {"a": 300, "b": 500}
BASES = {
    ("accuracy", "a"): Basis(outcome="hit", domains=("a",)),
    ("accuracy", "b"): Basis(outcome="hit", domains=("b",)),
    ("accuracy", "both"): Basis(outcome="hit", domains=("a", "b")),
}


def test_of_one_figure_they_are_the_pairs_of_a_board() -> None:
    drawn = bootstrap([board([0.5, 0.55, 0.8], seed=3)])
    pairs = compare(drawn, higher_is_better=True)
    for one in contrasts([drawn]):
        at = one.first, one.second
        assert one.difference == pytest.approx(pairs.differences[at])
        assert one.stderr == pytest.approx(pairs.stderr[at])
        assert one.adjusted == pytest.approx(pairs.adjusted[at])


def test_each_figure_more_asks_for_more() -> None:
    figures = [bootstrap([board([0.6, 0.66], seed=seed)], seed=seed) for seed in range(4)]
    alone = contrasts(figures[:1])[0].adjusted
    assert alone <= contrasts(figures)[0].adjusted


@given(st.permutations(range(3)), st.integers(0, 5))
def test_the_order_of_entries_changes_signs_alone(order: list[int], seed: int) -> None:
    drawn = bootstrap([board([0.5, 0.6, 0.7], examples=60, seed=seed)], resamples=100)
    turned = Estimates(values=drawn.values[order], draws=drawn.draws[:, order])
    known = {(one.first, one.second): one for one in contrasts([drawn])}
    for one in contrasts([turned]):
        first, second = order[one.first], order[one.second]
        of_same = known[min(first, second), max(first, second)]
        assert one.difference == pytest.approx(of_same.difference * (1 if first < second else -1))
        assert one.adjusted == pytest.approx(of_same.adjusted)


def test_who_lacks_a_figure_has_no_contrast_in_it() -> None:
    drawn = independent(np.array([0.5, 0.6, 0.7]), np.array([0.1, 0.1, 0.1]), resamples=50)
    drawn.values[1], drawn.draws[:, 1] = np.nan, np.nan
    assert [(one.first, one.second) for one in contrasts([drawn])] == [(0, 2)]
    assert contrasts([]) == ()


def test_the_same_entry_twice_differs_in_nothing() -> None:
    drawn = bootstrap([board([0.5], seed=1)])
    twice = Estimates(values=np.repeat(drawn.values, 2), draws=np.repeat(drawn.draws, 2, axis=1))
    (one,) = contrasts([twice])
    assert (one.difference, one.stderr, one.adjusted) == (0.0, 0.0, 1.0)


def test_figures_of_other_entries_are_refused() -> None:
    one, two = (independent(np.zeros(count), np.ones(count), resamples=10) for count in (2, 3))
    with pytest.raises(ValueError, match="same entries"):
        contrasts([one, two])


def test_equal_methods_are_told_apart_as_seldom_as_promised() -> None:
    """Of 200 made pairs of equal methods on two domains and their mean, in any figure of them."""
    wrong = 0
    for seed in range(200):
        chosen = made([0.6, 0.6], seed)
        figures = [one.estimates for one in joint(chosen, BASES, resamples=200).values()]
        wrong += any(one.adjusted <= 0.05 for one in contrasts(figures))
    assert wrong / 200 <= 0.05 + 1.64 * math.sqrt(0.05 * 0.95 / 200)


def made(accuracies: list[float], seed: int = 0) -> list[Chosen]:
    drawn = {name: hits(accuracies, size, 1000 * seed + at) for at, (name, size) in enumerate(DOMAINS.items())}
    return [chosen(str(at), {name: values[:, at] for name, values in drawn.items()}) for at in range(len(accuracies))]


def chosen(key: str, hit: dict[str, np.ndarray], **more: float) -> Chosen:
    means = {name: float(values.mean()) for name, values in hit.items()}
    means |= {"both": float(np.mean(list(means.values()))), **more}
    figures = {
        ("accuracy", name): Figure(metric="accuracy", domain=name, value=value, stderr=0.02, n=100)
        for name, value in means.items()
    }
    return Chosen(key=key, figures=figures, runs=({name: {"hit": values} for name, values in hit.items()},))


def test_joint_draws_spread_as_those_of_one_figure_alone() -> None:
    entries = made([0.5, 0.6, 0.7])
    drawn = joint(entries, BASES, resamples=2000)
    for key, one in drawn.items():
        assert one.paired == (True, True, True)
        runs = [{name: entry.runs[0][name]["hit"] for name in BASES[key].domains} for entry in entries]
        alone = estimates(
            [
                Entered(key=entry.key, figure=entry.figures[key], runs=(run,))
                for entry, run in zip(entries, runs, strict=True)
            ],
            resamples=2000,
        )
        ours, theirs = (np.cov(each.draws.T) for each in (one.estimates, alone))
        assert ours == pytest.approx(theirs, rel=0.25, abs=2e-5)


def test_a_mean_over_domains_is_the_mean_of_their_draws() -> None:
    drawn = joint(made([0.5, 0.6]), BASES, resamples=200)
    a, b, both = (drawn["accuracy", name].estimates for name in ("a", "b", "both"))
    noise = [each.draws - each.draws.mean(axis=0) for each in (a, b, both)]
    assert noise[2] == pytest.approx((noise[0] + noise[1]) / 2)


def test_who_has_no_outcomes_is_drawn_by_errors_and_who_has_neither_is_left_out() -> None:
    entries = made([0.5, 0.6])
    without = Chosen(key="2", figures=entries[0].figures)
    figure = Figure(metric="accuracy", domain="a", value=0.5, stderr=None, n=None)
    nothing = Chosen(key="3", figures={("accuracy", "a"): figure})
    drawn = joint([*entries, without, nothing], BASES, resamples=3000)
    one = drawn["accuracy", "a"]
    assert one.paired == (True, True, False, False)
    assert one.estimates.draws[:, 2].std() == pytest.approx(0.02, rel=0.1)
    assert np.isnan(one.estimates.values).tolist() == [False, False, False, True]
    assert np.isnan(drawn["accuracy", "b"].estimates.values).tolist() == [False, False, False, True]


def test_outcomes_that_do_not_make_the_figure_are_not_believed() -> None:
    hit = {name: np.ones(size) for name, size in DOMAINS.items()}
    honest, lying = chosen("1", hit), chosen("2", hit, a=0.3)
    assert joint([honest, lying], BASES, resamples=10)["accuracy", "a"].paired == (True, False)


def test_other_examples_are_not_paired() -> None:
    entries = made([0.5, 0.6])
    other = chosen("2", {name: hits([0.5], size + 7, 0)[:, 0] for name, size in DOMAINS.items()})
    assert joint([*entries, other], BASES, resamples=10)["accuracy", "both"].paired == (True, True, False)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=50))
def test_agreement_counts_every_example_once(drawn: list[tuple[bool, bool]]) -> None:
    first, second = (np.array(column) for column in zip(*drawn, strict=True))
    table = agreement(first, second)
    assert table.examples == len(drawn)
    assert table.both + table.first == first.sum()
    assert table.both + table.second == second.sum()
    turned = agreement(second, first)
    assert (turned.first, turned.second) == (table.second, table.first)
    places = places_where(first, second, 50)
    assert len(places) == table.first
    assert all(first[place] and not second[place] for place in places)


def test_agreement_on_other_examples_is_refused() -> None:
    with pytest.raises(ValueError, match="same examples"):
        agreement(np.ones(3, bool), np.ones(4, bool))
