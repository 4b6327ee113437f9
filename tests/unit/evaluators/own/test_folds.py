"""Folds over a column: each value's images are tested once, by what was fitted on all others."""

from pathlib import Path

import numpy as np
import pytest
from tests.unit.evaluators.own.made import HEAD, tree

from farfield_evaluators.data.packs import open_pack, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.own.board import benchmark_of
from farfield_evaluators.own.importer import import_own
from farfield_evaluators.own.reader import read_text
from farfield_evaluators.own.spec import OwnError
from farfield_evaluators.plans.places import placed
from farfield_evaluators.run_plan import Entrant
from farfield_evaluators.staging import stage, training_domains

TEXT = f"""{HEAD}
[data]
layout = "{{hospital}}/{{class}}"
domain = "hospital"
[train]
[folds]
over = "hospital"
names = ["A", "B", "C"]
[[tests]]
name = "test"
[[columns]]
metric = "accuracy"
on = "test"
"""


def test_each_fold_is_tested_once_and_fitted_on_the_others(tmp_path: Path) -> None:
    spec = read_text(TEXT, "toys", "toys.toml")
    data = tree(tmp_path / "d", ("A", "B", "C", "other"), ("cat", "dog"))
    board, pack = benchmark_of(spec), import_own(spec, data, tmp_path / "packs")
    verify(pack)
    assert open_pack(tmp_path / "packs", "own/toys") == pack
    assert pack.counts() == {**{f"test/test/{f}": 4 for f in "ABC"}, **{f"train/{f}": 8 for f in "ABC"}}
    assert pack.notes == ("left out: 4 images that no rule takes",)
    cells = board.plan.cells("", Entrant(identity="local", benchmark=board.name, method="m"))
    assert [dict(cell.at) for cell in cells] == [{"fold": "A"}, {"fold": "B"}, {"fold": "C"}]
    for fold in "ABC":
        here = placed(board, {"fold": fold})
        truth = stage(here, pack, tmp_path / fold, None)
        assert training_domains(here, pack) == tuple(f for f in "ABC" if f != fold)
        assert len(np.load(tmp_path / fold / "train" / "labels.npy")) == 8
        assert len(truth) == 4
        assert truth.positions is not None
        assert not set(truth.positions.tolist()) & set(pack.members(f"train/{fold}").tolist())


def test_which_sets_are_joined_is_part_of_what_a_pack_is(tmp_path: Path) -> None:
    data = tree(tmp_path / "d", ("A", "B", "C"), ("cat", "dog"))
    packs = [
        import_own(read_text(text, "toys", "toys.toml"), data, tmp_path / str(n))
        for n, text in enumerate((TEXT, TEXT.replace("[train]\n", "")))
    ]
    assert packs[0].fingerprint != packs[1].fingerprint
    assert packs[1].joined == ()


def test_a_fold_without_images_is_named(tmp_path: Path) -> None:
    data = tree(tmp_path / "d", ("A", "B"), ("cat", "dog"))
    with pytest.raises(ImportProblems) as caught:
        import_own(read_text(TEXT, "toys", "toys.toml"), data, tmp_path / "packs")
    assert caught.value.problems == ("folds.names: no image of the test 'test' is in the fold 'C' of hospital",)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ((HEAD, f"{HEAD}trials = 2\n"), "trials and folds are both there"),
        (("[train]", '[train]\nwhere = { hospital = "A" }'), "train.where and folds are both there"),
        (('["A", "B", "C"]', '["A"]'), "folds.names must be from 2 to 100 values of 'hospital'"),
        (('["A", "B", "C"]', '["A", "{B}"]'), "folds.names must be from 2 to 100 values of 'hospital'"),
        (('over = "hospital"\n', ""), "folds.over is missing"),
        (("[train]", "holdout = 0.5\n[train]"), "data.holdout and folds are both there"),
    ],
)
def test_what_cannot_stand_beside_folds(change: tuple[str, str], says: str) -> None:
    with pytest.raises(OwnError) as caught:
        read_text(TEXT.replace(*change), "toys", "toys.toml")
    assert [problem for problem in caught.value.problems if says in problem]
