"""Labels on request: what a budget allows, whoever asks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield.labels import Account, Budget, Labels, LabelsRefused

TRUE = np.arange(20, dtype=np.int64) % 3


def labels(rounds: int = 3, per_round: int = 4) -> Labels:
    return Labels(Budget(rounds=rounds, per_round=per_round), len(TRUE), lambda positions: TRUE[positions])


def test_the_labels_are_those_at_the_positions_in_their_order() -> None:
    asking = labels()
    assert asking.ask([7, 0, 19]).tolist() == [1, 0, 1]
    assert asking.ask(np.array([1, 2], np.int32)).tolist() == [1, 2]
    assert (asking.rounds_left, asking.budget.total) == (1, 12)


@pytest.mark.parametrize(
    ("indices", "says"),
    [
        ([], "0 labels were asked for in one round; the budget has 1 to 4"),
        ([0, 1, 2, 3, 4], "5 labels were asked for in one round"),
        ([20], "beyond the 20 of the pool"),
        ([-1], "beyond the 20 of the pool"),
        ([5, 5], "a label was asked for twice"),
        ([9], "a label was asked for twice"),
        ([0.5], "whole numbers"),
        ([[1, 2]], "whole numbers"),
        ([True], "whole numbers"),
    ],
)
def test_what_is_refused_costs_nothing(indices: list[object], says: str) -> None:
    asking = labels()
    asking.ask([9])
    with pytest.raises(LabelsRefused, match=says) as refused:
        asking.ask(indices)
    assert refused.value.code == "plugin.labels"
    assert asking.rounds_left == 2


def test_there_are_no_more_rounds_than_the_budget_has() -> None:
    asking = labels(rounds=1)
    asking.ask([0])
    with pytest.raises(LabelsRefused, match="more than the 1 rounds"):
        asking.ask([1])


@pytest.mark.parametrize("budget", [Budget(rounds=0, per_round=1), Budget(rounds=1, per_round=0)])
def test_a_budget_of_nothing_is_none(budget: Budget) -> None:
    assert len(budget.problems()) == 1
    assert Budget(rounds=1, per_round=1).problems() == []


@given(
    questions=st.lists(st.lists(st.integers(-2, 11), max_size=5), max_size=8),
    rounds=st.integers(1, 4),
    per_round=st.integers(1, 4),
)
def test_whatever_is_asked_no_label_is_given_twice_and_none_beyond_the_budget(
    questions: list[list[int]], rounds: int, per_round: int
) -> None:
    budget = Budget(rounds=rounds, per_round=per_round)
    account, told = Account(budget, 10), list[int]()
    for question in questions:
        try:
            account.enter(np.array(question, np.int64))
        except LabelsRefused:
            continue
        told += question
    assert len(told) == len(set(told)) == sum(account.rounds) <= budget.total
    assert set(told) <= set(range(10))
    assert len(account.rounds) <= rounds
    assert all(1 <= given <= per_round for given in account.rounds)
