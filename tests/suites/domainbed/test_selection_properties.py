"""What the rules and tables keep on any sweep, and that another implementation of the protocol agrees."""

import math
import random
import re
from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.suites.domainbed.sweeps import record, sweep

from farfield_evaluators.suites.domainbed.formats import text
from farfield_evaluators.suites.domainbed.records import Record
from farfield_evaluators.suites.domainbed.selection import LOO, RULES, Choice, SelectionRule, iid, leave_one_out, oracle
from farfield_evaluators.suites.domainbed.tables import Table, report, select

# Few values, all of them exact in binary, so that ties are common and sums have no rounding.
GRID = 16
accuracies = st.integers(0, GRID).map(lambda n: n / GRID)
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@st.composite
def records(draw: st.DrawFn, *, pairs: bool = True) -> list[Record]:
    """One data set of three environments, one algorithm; up to 2 trials x 3 draws x 3 steps, with holes."""
    whole = sweep(
        lambda *_: 0.0,
        trials=draw(st.integers(1, 2)),
        hparams=draw(st.integers(1, 3)),
        pairs=pairs and draw(st.booleans()),
    )
    kept = draw(st.lists(st.booleans(), min_size=len(whole), max_size=len(whole))) if draw(st.booleans()) else None
    rows = [r for n, r in enumerate(whole) if kept is None or kept[n]]
    values = random.Random(draw(st.integers(0, 2**32)))
    return [
        replace(
            row,
            in_acc=tuple(values.randint(0, GRID) / GRID for _ in range(3)),
            out_acc=tuple(values.randint(0, GRID) / GRID for _ in range(3)),
        )
        for row in rows
    ]


@each_rule
@given(records(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_records_changes_nothing(rule: SelectionRule, rows: list[Record], shuffler: Any) -> None:
    shuffled = rows.copy()
    shuffler.shuffle(shuffled)
    assert select(shuffled, rule) == select(rows, rule)
    assert text(report(shuffled, [rule]), len(rows)) == text(report(rows, [rule]), len(rows))


@each_rule
@given(records())
@settings(max_examples=60)
def test_nothing_better_is_passed_over(rule: SelectionRule, rows: list[Record]) -> None:
    """No run with fewer records changes what is chosen, unless it takes the choice away or ties with it."""
    for (_, _, test_env, trial), choice in select(rows, rule).items():
        group = [r for r in rows if r.args["trial_seed"] == trial and test_env in r.args["test_envs"]]
        for seed in {r.args["hparams_seed"] for r in group}:
            alone = rule.choose([r for r in group if r.args["hparams_seed"] == seed], test_env)
            assert alone is None or (alone.validation, alone.hparams_seed) <= (choice.validation, choice.hparams_seed)


@each_rule
@given(records(), st.sampled_from([0.5, 0.25, 0.125]))
@settings(max_examples=40)
def test_scaling_all_accuracies_scales_the_report(rule: SelectionRule, rows: list[Record], by: float) -> None:
    scaled = [
        replace(r, in_acc=tuple(by * a for a in r.in_acc), out_acc=tuple(by * a for a in r.out_acc)) for r in rows
    ]
    before, after = select(rows, rule), select(scaled, rule)
    assert before.keys() == after.keys()
    for group, choice in before.items():
        other = after[group]
        assert (other.hparams_seed, other.step) == (choice.hparams_seed, choice.step)
        assert math.isclose(other.test, by * choice.test)
    for table, small in zip(report(rows, [rule]), report(scaled, [rule]), strict=True):
        for row, less in zip(table.rows, small.rows, strict=True):
            for cell, smaller in zip(row.cells, less.cells, strict=True):
                assert (cell.mean is None) == (smaller.mean is None)
                if cell.mean is not None and smaller.mean is not None:
                    assert math.isclose(smaller.mean, by * cell.mean, abs_tol=1e-9)
                    assert math.isclose(smaller.stderr or 0, by * (cell.stderr or 0), abs_tol=1e-9)


@given(records(), st.integers(0, 2))
def test_only_the_oracle_looks_at_test_environments(rows: list[Record], env: int) -> None:
    """With other accuracies on the test environment, the other rules choose the same checkpoint."""

    def hide(r: Record) -> Record:
        in_acc = tuple(0.0 if e == env and len(r.args["test_envs"]) == 1 else a for e, a in enumerate(r.in_acc))
        return replace(r, in_acc=in_acc, out_acc=tuple(0.0 if e == env else a for e, a in enumerate(r.out_acc)))

    group = [r for r in rows if env in r.args["test_envs"] and r.args["trial_seed"] == 0]
    for choose in (iid, leave_one_out):
        before, after = choose(group, env), choose([hide(r) for r in group], env)
        assert (before is None) == (after is None)
        if before is not None and after is not None:
            assert (after.hparams_seed, after.step, after.validation) == (
                before.hparams_seed,
                before.step,
                before.validation,
            )


@given(records(pairs=False))
def test_without_pairs_leave_one_out_is_missing_everywhere(rows: list[Record]) -> None:
    for table in report(rows, [LOO]) if rows else ():
        assert {*row_of(table)[1:]} == {"X"}


@given(st.lists(accuracies, min_size=1, max_size=6), st.integers(0, 5))
def test_ties_go_to_the_first_step_and_the_latest_draw(values: list[float], seeds: int) -> None:
    rows = [
        record([0, 0, 0], [value] * 3, step=step, hparams_seed=seed)
        for seed in range(seeds + 1)
        for step, value in enumerate(values)
    ]
    found = iid(rows, 0)
    assert found is not None
    assert (found.hparams_seed, found.step) == (seeds, values.index(max(values)))
    last = oracle(rows, 0)
    assert last is not None
    assert (last.hparams_seed, last.step) == (seeds, len(values) - 1)


# Another implementation, of nested loops over plain dictionaries, written from the protocol and not from the code.


def plain(r: Record) -> dict[str, Any]:
    accuracy = {("in", e): a for e, a in enumerate(r.in_acc)} | {("out", e): a for e, a in enumerate(r.out_acc)}
    return {
        "held_out": set(r.args["test_envs"]),
        "draw": r.args["hparams_seed"],
        "trial": r.args["trial_seed"],
        "step": r.step,
        "accuracy": accuracy,
        "environments": set(range(len(r.in_acc))),
    }


def reference(rows: list[dict[str, Any]], t: int, rule: str) -> tuple[int, int, float, float] | None:
    best: tuple[int, int, float, float] | None = None
    for draw in sorted({row["draw"] for row in rows}):
        of_draw = [row for row in rows if row["draw"] == draw]
        best_of_run: tuple[int, int, float, float] | None = None
        for step in sorted({row["step"] for row in of_draw}):
            value = None
            singles = [row for row in of_draw if row["step"] == step and row["held_out"] == {t}]
            if singles:
                value = reference_value(singles[0], [row for row in of_draw if row["step"] == step], t, rule)
            if rule == "oracle" and singles:
                best_of_run = None  # only the last step counts
            if value is not None and (best_of_run is None or value > best_of_run[2]):
                best_of_run = (draw, step, value, singles[0]["accuracy"]["in", t])
        if best_of_run is not None and (best is None or best_of_run[2] >= best[2]):
            best = best_of_run
    return best


def reference_value(single: dict[str, Any], at_step: list[dict[str, Any]], t: int, rule: str) -> float | None:
    others = sorted(single["environments"] - {t})
    total = 0.0
    for e in others:
        if rule == "iid":
            total += single["accuracy"]["out", e]
        elif rule == "loo":
            rows = [row for row in at_step if row["held_out"] == {t, e}]
            if not rows:
                return None
            total += rows[0]["accuracy"]["in", e]
    return single["accuracy"]["out", t] if rule == "oracle" else total / len(others)


@each_rule
@given(records())
@settings(max_examples=150)
def test_another_implementation_agrees(rule: SelectionRule, rows: list[Record]) -> None:
    found = select(rows, rule)
    dictionaries = [plain(r) for r in rows]
    for t in range(3):
        for trial in range(2):
            group = [row for row in dictionaries if row["trial"] == trial and t in row["held_out"]]
            expected = reference(group, t, rule.name)
            choice = found.get(("ColoredMNIST", "ERM", t, trial))
            assert (choice and as_tuple(choice)) == expected


def as_tuple(choice: Choice) -> tuple[int, int, float, float]:
    return choice.hparams_seed, choice.step, choice.validation, choice.test


@each_rule
@given(records())
@settings(max_examples=60)
def test_another_implementation_of_the_tables_agrees(rule: SelectionRule, rows: list[Record]) -> None:
    if not rows:
        return
    by_env, by_trial = defaultdict(list), defaultdict(list)
    for trial in range(2):
        for t in range(3):
            group = [plain(r) for r in rows if r.args["trial_seed"] == trial and t in r.args["test_envs"]]
            chosen = reference(group, t, rule.name)
            if chosen is not None:
                by_env[t].append(chosen[3])
                by_trial[trial].append(chosen[3])
    table, averages = report(rows, [rule])
    expected = [figures(by_env[t]) for t in range(3)]
    means = [sum(by_env[t]) / len(by_env[t]) for t in range(3) if by_env[t]]
    average = f"{100 * sum(means) / 3:.1f}" if len(means) == 3 else "X"
    assert row_of(table) == ["ERM", *expected, average]
    of_trials = [sum(by_trial[n]) / len(by_trial[n]) for n in sorted(by_trial)]
    average = f"{100 * sum(of_trials) / len(of_trials):.1f}" if of_trials else "X"
    assert row_of(averages) == ["ERM", figures(of_trials), average]


def row_of(table: Table) -> list[str]:
    """The cells of a table's only row, as printed."""
    return re.split(r"  +", text([table], 0).splitlines()[4].strip())


def figures(values: list[float]) -> str:
    if not values:
        return "X"
    mean = sum(values) / len(values)
    variance = sum((v - mean) ** 2 for v in values) / len(values)
    return f"{100 * mean:.1f} +/- {100 * math.sqrt(variance / len(values)):.1f}"
