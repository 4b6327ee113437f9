"""Official names of files, taken apart: what is missing, extra or twice is named with its split and replicate."""

import random

import pytest

from farfield_evaluators.suites.wilds.datasets import CAMELYON17, DATASETS, GLOBALWHEAT, IWILDCAM, POVERTY
from farfield_evaluators.suites.wilds.submission import (
    EXTRA,
    MISSING,
    TWICE,
    CellName,
    cells_of,
    ending_of,
    listed,
)


def whole(name: str, suffix: str = "") -> list[str]:
    dataset = DATASETS[name]
    ending = ending_of(dataset)
    return [cell.file(dataset, f"{suffix}{ending}") for cell in cells_of(dataset)]


@pytest.mark.parametrize("name", sorted(DATASETS))
@pytest.mark.parametrize("suffix", ["", "_pred", "_epoch:best_pred", "_epoch:12"])
def test_a_whole_folder_is_read_in_any_order(name: str, suffix: str) -> None:
    names = whole(name, suffix)
    random.Random(3).shuffle(names)
    found = listed(DATASETS[name], names)
    assert found.problems == ()
    assert set(found.files) == set(cells_of(DATASETS[name]))
    assert all(file.startswith(cell.file(DATASETS[name], "")) for cell, file in found.files.items())


def test_replicates_are_those_that_wilds_asks_for() -> None:
    assert len(cells_of(CAMELYON17)) == 10 * 3
    assert [str(each) for each in POVERTY.replicates] == [f"fold:{name}" for name in "ABCDE"]
    assert cells_of(IWILDCAM)[0] == CellName("val", "seed:0")


def test_seed_1_is_not_seed_10() -> None:
    names = [name for name in whole("camelyon17") if "seed:1." not in name]
    found = listed(CAMELYON17, [*names, "camelyon17_split:val_seed:10.csv"])
    by_code = {(problem.code, problem.where) for problem in found.problems}
    assert {(MISSING, f"split {split}, seed:1") for split in CAMELYON17.evaluated} <= by_code
    extra = next(problem for problem in found.problems if problem.code == EXTRA)
    assert extra.where == "camelyon17_split:val_seed:10.csv"
    assert "split val, seed:10 is none that camelyon17 has" in extra.says


def test_two_files_of_one_cell_are_named() -> None:
    found = listed(IWILDCAM, [*whole("iwildcam"), "iwildcam_split:test_seed:2_epoch:best_pred.csv"])
    (problem,) = found.problems
    assert (problem.code, problem.where) == (TWICE, "split test, seed:2")
    assert "iwildcam_split:test_seed:2_epoch:best_pred.csv" in problem.says


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("fmow_split:test_seed:0.csv", "of the data set fmow, not of iwildcam"),
        ("iwildcam_split:test_seed:3.csv", "has the splits val, test, id_val, id_test and seed:0 to seed:2"),
        ("iwildcam_split:test_fold:A.csv", "is none that iwildcam has"),
        ("iwildcam_split:ood_seed:0.csv", "is none that iwildcam has"),
        ("iwildcam_split:test_seed:0.pth", "ends in .csv, and not in .pth"),
        ("notes.txt", "no file of predictions, which is called iwildcam_split:SPLIT_seed:NAME.csv"),
        ("iwildcam_split:test_seed:0.csv.gz", "no file of predictions"),
    ],
)
def test_what_does_not_belong_is_named(name: str, says: str) -> None:
    names = [each for each in whole("iwildcam") if not name.startswith(each.removesuffix(".csv"))]
    problems = [problem for problem in listed(IWILDCAM, [*names, name]).problems if problem.code == EXTRA]
    assert [problem.where for problem in problems] == [name]
    assert says in problems[0].says


def test_what_training_leaves_beside_is_no_matter() -> None:
    beside = [".DS_Store", "iwildcam_split:train_seed:0_epoch:best_pred.csv", "iwildcam_results.json"]
    assert listed(IWILDCAM, [*whole("iwildcam"), *beside]).problems == ()


def test_boxes_are_tensors() -> None:
    assert listed(GLOBALWHEAT, whole("globalwheat")).problems == ()
    problems = listed(GLOBALWHEAT, [name.replace(".pth", ".csv") for name in whole("globalwheat")]).problems
    assert {problem.code for problem in problems} == {EXTRA, MISSING}
