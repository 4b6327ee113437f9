"""The figures of a board: those of DomainBed's tables, and their errors by hand."""

from dataclasses import replace
from math import sqrt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.suites.domainbed.sweeps import by_hash, record, sweep, vlcs, with_statistics

from farfield_evaluators.catalog import find as benchmark
from farfield_evaluators.figure import Figure
from farfield_evaluators.suites.domainbed.board import SHIFTS, Chosen, choose_all, scores_of
from farfield_evaluators.suites.domainbed.datasets import COLORED_MNIST, VLCS
from farfield_evaluators.suites.domainbed.records import Record
from farfield_evaluators.suites.domainbed.selection import EVERY_RULE, IID, RULES, VARIATION, rules_for, statistics_of
from farfield_evaluators.suites.domainbed.tables import report


def chosen(test_env: int, test: float, trial_seed: int = 0, n: int | None = None) -> Chosen:
    return Chosen(
        rule="iid",
        test_env=test_env,
        trial_seed=trial_seed,
        hparams_seed=0,
        step=0,
        validation=0.5,
        test=test,
        n=n,
    )


def figures(*members: Chosen) -> dict[str, Figure]:
    return {score.domain: score for score in scores_of(members, COLORED_MNIST)}


def all_chosen(records: list[Record], environments: int, trials: int) -> list[Chosen]:
    return [c for t in range(trials) for e in range(environments) for c in choose_all(records, e, t)]


@st.composite
def sweeps(draw: st.DrawFn) -> list[Record]:
    shape: dict[str, Any] = {
        "trials": draw(st.integers(1, 3)),
        "hparams": draw(st.integers(1, 3)),
        "pairs": draw(st.booleans()),
    }
    salt = draw(st.integers(1, 10**6))
    made = sweep(lambda run, step, e, part: by_hash(run, step * salt, e * salt, part), **shape)
    return with_statistics(made) if draw(st.booleans()) else made


@given(sweeps())
@settings(deadline=None, max_examples=40)
def test_they_are_those_of_the_tables(records: list[Record]) -> None:
    trials = 1 + max(r.args["trial_seed"] for r in records)
    scores = {(s.metric, s.domain): s for s in scores_of(all_chosen(records, 3, trials), COLORED_MNIST)}
    shown = 0
    for rule in EVERY_RULE:
        of_dataset, averages = report(records, [rule])
        for name, cell in zip(of_dataset.columns, of_dataset.rows[0].cells, strict=True):
            score = scores.get((f"accuracy-{rule.name}", name))
            assert (score is None) == (cell.mean is None)
            shown += score is not None
            if score is not None and cell.mean is not None:
                assert score.value * 100 == pytest.approx(cell.mean, abs=1e-12)
                assert score.trials == cell.trials
                assert trials == 1 or score.stderr == pytest.approx((cell.stderr or 0) / 100, abs=1e-12)
        average, over_trials = of_dataset.rows[0].average, averages.rows[0].cells[0]
        score = scores.get((f"accuracy-{rule.name}", SHIFTS))
        assert (score is None) == (average is None)
        if score is not None:
            assert score.value * 100 == pytest.approx(average, abs=1e-12)
            assert trials == 1 or score.stderr == pytest.approx((over_trials.stderr or 0) / 100, abs=1e-12)
    assert shown == len(scores) - sum(domain == SHIFTS for _, domain in scores)


def test_every_figure_has_a_column_on_the_benchmark() -> None:
    records = with_statistics(sweep(by_hash, trials=2, pairs=True))
    columns = {(c.metric, c.domain) for c in benchmark("domainbed/colored-mnist").columns}
    assert {(s.metric, s.domain) for s in scores_of(all_chosen(records, 3, 2), COLORED_MNIST)} == columns


def test_domainbeds_own_sweep_has_its_figures_and_no_average() -> None:
    scores = {s.metric: s for s in scores_of(all_chosen(vlcs(), 4, 2), VLCS)}
    assert {name: f"{100 * s.value:.1f} +/- {100 * (s.stderr or 0):.1f}" for name, s in scores.items()} == {
        "accuracy-iid": "98.0 +/- 0.2",
        "accuracy-loo": "96.9 +/- 1.0",
        "accuracy-oracle": "96.9 +/- 1.0",
    }
    assert {s.domain for s in scores.values()} == {"C"}


def test_one_trial_has_the_error_of_its_examples() -> None:
    one = figures(chosen(0, 0.8, n=100), chosen(1, 0.5, n=25), chosen(2, 0.1))
    assert one["+90%"].stderr == pytest.approx(0.04)
    assert (one["+90%"].n, one["+90%"].trials) == (100, 1)
    assert one["+80%"].stderr == pytest.approx(0.1)
    assert (one["-90%"].stderr, one["-90%"].n) == (None, None)
    assert one[SHIFTS].value == pytest.approx(1.4 / 3)
    assert (one[SHIFTS].stderr, one[SHIFTS].n) == (None, None)
    known = figures(chosen(0, 0.8, n=100), chosen(1, 0.5, n=25), chosen(2, 0.1, n=9))[SHIFTS]
    assert known.stderr == pytest.approx(sqrt(0.04**2 + 0.1**2 + 0.1**2) / 3)
    assert (known.n, known.trials) == (134, 1)


def test_several_trials_have_the_error_over_them_and_their_mean() -> None:
    two = figures(*(chosen(e, 0.1 * e + 0.2 * t, t, n=10) for e in range(3) for t in range(2)))
    assert two["+90%"].value == pytest.approx(0.1)
    assert two["+90%"].stderr == pytest.approx(0.1 / sqrt(2))
    assert (two["+90%"].n, two["+90%"].trials) == (20, 2)
    assert two[SHIFTS].value == pytest.approx(0.2)
    assert two[SHIFTS].stderr == pytest.approx(0.1 / sqrt(2))
    assert two[SHIFTS].trials == 2


def test_trials_that_lack_an_environment_count_for_the_others_only() -> None:
    whole = [chosen(e, 0.5 + 0.1 * t, t) for e in range(3) for t in range(2)]
    found = figures(*whole, chosen(0, 0.9, 2))
    assert (found["+90%"].trials, found["+80%"].trials, found[SHIFTS].trials) == (3, 2, 2)
    assert found["+90%"].value == pytest.approx(2.0 / 3)
    assert found[SHIFTS].stderr == pytest.approx(0.05 / sqrt(2))
    one_whole = figures(*(chosen(e, 0.5, n=100) for e in range(3)), chosen(0, 0.7, 1, n=100))
    assert one_whole[SHIFTS].trials == 1
    assert one_whole[SHIFTS].stderr == pytest.approx(sqrt(0.1**2 / 2 + 2 * 0.05**2) / 3)


def test_without_every_environment_there_is_no_average() -> None:
    assert set(figures(chosen(0, 0.5), chosen(2, 0.5))) == {"+90%", "-90%"}
    assert figures() == {}


def test_sizes_say_over_how_many_examples_a_result_is() -> None:
    records = sweep(by_hash)
    assert {c.n for c in choose_all(records, 1, 0)} == {None}
    assert {c.n for c in choose_all(records, 1, 0, sizes=[10, 20, 30])} == {20}
    assert choose_all(records, 1, 1) == ()


def test_the_fourth_rule_chooses_from_records_as_by_hand() -> None:
    def at(step: int, accuracy: float, variation: float) -> Record:
        made = record([0.1 * step, 0, 0], [0, accuracy, accuracy], step=step)
        return replace(made, values={**made.values, "variation": variation, "informativeness": 0.5})

    # The best by accuracy alone is step 1. The weight is std of (.81, .9, .85) over std of (.1, .5, .2): 0.2166.
    records = [at(0, 0.81, 0.1), at(1, 0.9, 0.5), at(2, 0.85, 0.2)]
    choice = VARIATION.choose(records, 0)
    assert choice is not None
    assert (choice.step, choice.test) == (2, 0.2)
    assert choice.validation == pytest.approx(0.85 - 0.2166 * 0.2, abs=1e-4)
    by_accuracy = IID.choose(records, 0)
    assert by_accuracy is not None
    assert by_accuracy.step == 1


@pytest.mark.parametrize("value", [None, "0.5", True, 1.5, -0.1, float("nan"), float("inf")])
def test_the_fourth_rule_is_silent_where_a_record_lacks_its_values(value: object) -> None:
    records = with_statistics(sweep(by_hash))
    assert rules_for(records) == EVERY_RULE
    edited = replace(records[0], values={**records[0].values, "variation": value})
    assert statistics_of(edited) is None
    lacking = [edited, *records[1:]]
    assert rules_for(lacking) == RULES
    assert VARIATION.choose(lacking, records[0].args["test_envs"][0]) is None
    assert rules_for([]) == RULES
