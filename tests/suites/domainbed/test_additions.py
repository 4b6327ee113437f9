"""Runs that are to be added to a folder of records: what they cannot stand beside is named before they are made."""

from pathlib import Path
from typing import Any

import pytest
from tests.suites.domainbed.sweeps import by_hash, record, sweep, write

from farfield_evaluators.suites.domainbed import problems
from farfield_evaluators.suites.domainbed.additions import check_addition
from farfield_evaluators.suites.domainbed.datasets import COLORED_MNIST
from farfield_evaluators.suites.domainbed.problems import RecordsError
from farfield_evaluators.suites.domainbed.records import run_args
from farfield_evaluators.suites.domainbed.sweep import SMOKE, cells


def planned(algorithm: str = "ERM", **changes: Any) -> list[dict[str, Any]]:
    return [run_args(cell, **{"steps": 201, **changes}) for cell in cells(COLORED_MNIST, algorithm, SMOKE)]


def refused(folder: Path, args: list[dict[str, Any]]) -> RecordsError:
    with pytest.raises(RecordsError) as raised:
        check_addition(folder, args)
    return raised.value


def test_what_fits(tmp_path: Path) -> None:
    check_addition(tmp_path / "absent", planned())
    (tmp_path / "notes.txt").write_text("Mine.")
    check_addition(tmp_path, planned())
    (tmp_path / "launched").mkdir()
    check_addition(tmp_path, planned())
    first, *_ = write(tmp_path, sweep(by_hash))
    check_addition(tmp_path, planned())
    (first / "done").unlink()
    (first / "results.jsonl").unlink()
    check_addition(tmp_path, planned())
    check_addition(tmp_path, planned("IRM", hparams={"lr": 0.5}))


@pytest.mark.parametrize(
    ("algorithm", "changes", "there", "asked"),
    [
        ("ERM", {"steps": 202}, "is (201, 100, 0.2, 'domain_generalization', 0)", "(202, 100, 0.2, 'domain_gener"),
        ("IRM", {"checkpoint_freq": 10}, "is (201, 100, 0.2, ", "(201, 10, 0.2, "),
        # The folder's name does not hold this one: the runs would be taken for done.
        ("ERM", {"checkpoint_freq": 10}, "is (201, 100, 0.2, ", "(201, 10, 0.2, "),
        ("ERM", {"hparams": {"lr": 0.5}}, "args.hparams is None", "'{\"lr\": 0.5}'"),
    ],
)
def test_other_settings_are_named(
    tmp_path: Path, algorithm: str, changes: dict[str, Any], there: str, asked: str
) -> None:
    runs = write(tmp_path, sweep(by_hash))
    error = refused(tmp_path, planned(algorithm, **changes))
    assert error.code == problems.MIXED
    assert error.problems[0].where.removesuffix("/results.jsonl:1") in {run.name for run in runs}
    for part in (f"in {tmp_path}", there, asked, "give another folder"):
        assert part in str(error)


def test_another_data_set_has_a_table_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, sweep(by_hash, dataset="PACS", steps=1001))
    check_addition(tmp_path, planned())


@pytest.mark.parametrize("left", [{"done"}, {"done", "results.jsonl"}])
def test_a_run_that_was_interrupted_is_named(tmp_path: Path, left: set[str]) -> None:
    _, run, _ = write(tmp_path, sweep(by_hash))
    (run / "out.txt").write_text("step 0")
    for name in left:
        (run / name).unlink()
    error = refused(tmp_path, planned())
    assert error.code == problems.UNFINISHED
    assert str(error).startswith(f"{run.name}: this run in {tmp_path} was begun, and has no file `done`")
    assert "remove its folder to have it made again" in str(error)


def test_a_run_from_elsewhere_is_not_made_twice(tmp_path: Path) -> None:
    (run,) = write(tmp_path, [record([0.5] * 3, [0.5] * 3, steps=201, data_dir="/data", test_envs=(1,))], done=False)
    error = refused(tmp_path, planned())
    assert (error.code, error.problems[0].where) == (problems.DUPLICATE, f"{run.name}/results.jsonl:1")


def test_a_folder_that_could_not_be_scored_is_named(tmp_path: Path) -> None:
    run, *_ = write(tmp_path, sweep(by_hash))
    (run / "results.jsonl").write_text("hello\n")
    error = refused(tmp_path, planned())
    assert error.code == problems.NOT_JSON
    assert str(error).startswith(f"{tmp_path}: its records have problems, so no run is added to them")
    assert f"{run.name}/results.jsonl:1: this line is not JSON" in str(error)
    assert "give the folder above" in str(refused(run, planned()))
