"""A board of one's own with labels on request: the budget and the pool of its file, and what is refused."""

from pathlib import Path

import pytest
from tests.unit.evaluators.own.made import FOLDERS, tree

from farfield.labels import Budget
from farfield_evaluators.own.board import benchmark_of
from farfield_evaluators.own.importer import import_own
from farfield_evaluators.own.reader import read_text
from farfield_evaluators.own.spec import OwnError
from farfield_evaluators.staging import stage

POOL = """[pool]
where = { split = "pool" }
rounds = 3
labels = 2
"""
TEXT = FOLDERS + POOL


def test_a_file_has_a_pool_with_its_budget(tmp_path: Path) -> None:
    """Methods get its images without their labels, which stay with the worker in the same order."""
    spec = read_text(TEXT, "toys", "toys.toml")
    board = benchmark_of(spec)
    assert board.budget == Budget(rounds=3, per_round=2)
    assert board.parts == {"pool": "pool"}
    assert board.handed_in is None
    data = tree(tmp_path / "data", ("train", "test", "pool"), ("cow", "camel"), each=4)
    truth = stage(board, import_own(spec, data, tmp_path / "packs"), tmp_path / "in", None)
    assert truth.pool is not None
    assert sorted(truth.pool.tolist()) == [0] * 4 + [1] * 4
    assert {path.name for path in (tmp_path / "in" / "pool").iterdir()} == {"images.bin", "spans.npy", "domains.npy"}


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("rounds = 3\n", "", "pool.rounds is missing; [pool] says how many labels may be asked for"),
        ("labels = 2", "labels = 0", "pool.labels is 0; it must be a whole number from 1 to 100000"),
        ("labels = 2", "label = 2", "pool.label is not known"),
        ("rounds = 3", "rounds = 2.5", "pool.rounds is 2.5; it must be a whole number from 1 to 1000"),
        ("[data]", 'family = "ood-detection"\n[data]', "pool is no part that ood-detection learns from"),
    ],
)
def test_what_is_wrong_with_a_pool_is_named(before: str, after: str, says: str) -> None:
    with pytest.raises(OwnError) as caught:
        read_text(TEXT.replace(before, after), "toys", "toys.toml")
    assert any(says in problem for problem in caught.value.problems)
