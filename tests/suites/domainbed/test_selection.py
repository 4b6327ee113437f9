"""The selection rules on cases computed by hand, and on DomainBed's own sweep."""

import pytest
from tests.suites.domainbed.sweeps import record, vlcs

from farfield_evaluators.suites.domainbed.records import Record
from farfield_evaluators.suites.domainbed.selection import (
    RULES,
    Choice,
    Rule,
    Statistics,
    estimated_weight,
    iid,
    leave_one_out,
    oracle,
    variation_rule,
)


def chosen(choice: Choice | None) -> tuple[int, int, float, float]:
    assert choice is not None
    return choice.hparams_seed, choice.step, choice.validation, choice.test


def test_iid_takes_the_best_mean_over_training_environments_at_any_step() -> None:
    records = [
        record([0.1, 0.9, 0.9], [1.0, 0.6, 0.7], step=0),
        record([0.3, 0.9, 0.9], [0.0, 0.7, 0.8], step=1),
        record([0.2, 0.9, 0.9], [1.0, 0.5, 0.9], step=2),
    ]
    assert chosen(iid(records, 0)) == (0, 1, 0.75, 0.3)


def test_iid_looks_at_no_run_with_two_test_environments() -> None:
    alone = record([0.1, 0.5, 0.5], [0.5, 0.5, 0.5])
    both = record([0.9, 0.9, 0.9], [0.9, 0.9, 0.9], test_envs=(0, 1))
    assert chosen(iid([both, alone], 0)) == (0, 0, 0.5, 0.1)
    assert iid([both], 0) is None
    assert iid([], 0) is None


def test_of_equal_steps_iid_takes_the_first_and_of_equal_draws_the_latest() -> None:
    records = [
        record([(10 * step + seed) / 100, 1, 1], [0, 0.5, 0.5], step=step, hparams_seed=seed)
        for seed in (2, 0, 1)
        for step in (2, 1)
    ]
    assert chosen(iid(records, 0)) == (2, 1, 0.5, 0.12)


def test_oracle_looks_at_last_steps_only_at_the_out_split() -> None:
    records = [
        record([0.9, 0, 0], [0.99, 0, 0], step=0, hparams_seed=0),
        record([0.4, 0, 0], [0.50, 0, 0], step=5, hparams_seed=0),
        record([0.3, 0, 0], [0.60, 1, 1], step=5, hparams_seed=1),
        record([0.2, 0, 0], [0.60, 0, 0], step=5, hparams_seed=2),
        record([1.0, 0, 0], [1.00, 0, 0], step=5, hparams_seed=3, test_envs=(0, 1)),
    ]
    assert chosen(oracle(records, 0)) == (2, 5, 0.6, 0.2)
    assert oracle(records[4:], 0) is None


def pair(other: int, value: float, step: int = 0, hparams_seed: int = 0) -> Record:
    in_acc = [value if e == other else 0.0 for e in range(3)]
    return record(in_acc, [1, 1, 1], test_envs=(0, other), step=step, hparams_seed=hparams_seed)


def test_leave_one_out_takes_the_mean_of_the_left_out_environments() -> None:
    records = [record([0.1, 1, 1], [0, 0, 0]), pair(1, 0.5), pair(2, 0.6)]
    assert chosen(leave_one_out(records, 0)) == (0, 0, 0.55, 0.1)


def test_leave_one_out_needs_every_pair_at_a_step() -> None:
    alone = [record([0.1 * step, 1, 1], [0, 0, 0], step=step) for step in range(3)]
    pairs = [pair(1, 0.9, 0), pair(2, 0.9, 0), pair(1, 0.5, 1), pair(2, 0.5, 1), pair(1, 1.0, 2)]
    assert chosen(leave_one_out([*alone, *pairs], 0))[1] == 0
    assert chosen(leave_one_out([*alone, *pairs[1:]], 0))[1] == 1
    assert leave_one_out([*alone, *pairs[4:]], 0) is None
    assert leave_one_out(pairs, 0) is None


def test_leave_one_out_joins_runs_of_the_same_draw_only() -> None:
    records = [record([0.1, 1, 1], [0, 0, 0]), pair(1, 0.5), pair(2, 0.6, hparams_seed=1)]
    assert leave_one_out(records, 0) is None


def test_leave_one_out_reads_pairs_in_either_order() -> None:
    second = record([0, 1, 0.6], [0, 0, 0], test_envs=(2, 0))
    assert chosen(leave_one_out([record([0.1, 1, 1], [0, 0, 0]), pair(1, 0.5), second], 0))[2] == 0.55


@pytest.mark.parametrize(
    ("rule", "trial", "choice"),
    [
        ("iid", 0, (1, 900, 1105)),
        ("iid", 1, (1, 1000, 1113)),
        ("loo", 0, (1, 1000, 1081)),
        ("loo", 1, (1, 1000, 1113)),
        ("oracle", 0, (1, 1000, 1081)),
        ("oracle", 1, (1, 1000, 1113)),
    ],
)
def test_what_is_chosen_in_domainbeds_own_sweep(rule: str, trial: int, choice: tuple[int, int, int]) -> None:
    (choose,) = (r.choose for r in RULES if r.name == rule)
    found = choose([r for r in vlcs() if r.args["trial_seed"] == trial], 0)
    assert found is not None
    assert (found.hparams_seed, found.step, found.test) == (*choice[:2], choice[2] / 1132)


# The fourth rule: checkpoints with these (accuracy, variation) on the training environments.
POINTS = [(0.80, 0.1), (0.85, 0.3), (0.50, 0.0), (0.84, 0.1)]
CHECKPOINTS = [record([0, 1, 1], [0, a, a], step=step) for step, (a, _) in enumerate(POINTS)]
STATISTICS = {(0, 0, step): Statistics(variation=v) for step, (_, v) in enumerate(POINTS)}


@pytest.mark.parametrize(("weight", "step"), [(0.0, 1), (0.04, 1), (0.06, 3), (3.3, 3), (3.5, 2), (None, 3)])
def test_the_weight_sets_accuracy_against_variation(weight: float | None, step: int) -> None:
    assert chosen(variation_rule(STATISTICS, 0, weight)(CHECKPOINTS, 0))[1] == step


def test_the_weight_is_estimated_on_the_checkpoints_near_the_best() -> None:
    # All but the third count. Squared deviations: of .83 .0009, .0004, .0001; of 1/6 ninths of .04, .16, .04.
    expected = (0.0014 / 3) ** 0.5 / (0.24 / 9 / 3) ** 0.5
    assert estimated_weight([a for a, _ in POINTS], [v for _, v in POINTS]) == pytest.approx(expected)
    assert estimated_weight([0.8, 0.85], [0.2, 0.2]) == 0.0
    assert estimated_weight([], []) == 0.0


def test_checkpoints_that_are_not_informative_are_left_out() -> None:
    dull = STATISTICS | {(0, 0, 3): Statistics(variation=0.1, informativeness=0.2)}
    assert chosen(variation_rule(dull, 0, 0.06)(CHECKPOINTS, 0))[1] == 3
    assert chosen(variation_rule(dull, 0, 0.06, informative=0.3)(CHECKPOINTS, 0))[1] == 1


def test_without_any_statistics_the_fourth_rule_chooses_nothing() -> None:
    rule: Rule = variation_rule({}, 0)
    assert rule(CHECKPOINTS, 0) is None
    with pytest.raises(ValueError, match="of test environment 0, not 1"):
        rule(CHECKPOINTS, 1)


def test_with_a_weight_of_nothing_the_fourth_rule_is_iid() -> None:
    records = [r for r in vlcs() if r.args["trial_seed"] == 0]
    flat = {(0, seed, r.step): Statistics(variation=0.5) for seed in (0, 1) for r in records}
    assert variation_rule(flat, 0, 0.0)(records, 0) == iid(records, 0)
    assert variation_rule(flat, 0)(records, 0) == iid(records, 0)
