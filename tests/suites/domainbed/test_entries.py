"""Records that are handed in: read from a zip, and what they must be."""

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from tests.suites.domainbed.sweeps import by_hash, sweep, write

from farfield_evaluators.suites.domainbed.archive import read_zip
from farfield_evaluators.suites.domainbed.datasets import COLORED_MNIST, ROTATED_MNIST
from farfield_evaluators.suites.domainbed.entries import check_entry, whole_tiers
from farfield_evaluators.suites.domainbed.problems import RecordsError
from farfield_evaluators.suites.domainbed.records import Record, to_line
from farfield_evaluators.suites.domainbed.sweep import DEFAULTS, FULL, IID

FULL_STEPS = COLORED_MNIST.steps


@pytest.fixture(scope="module")
def defaults() -> list[Record]:
    return sweep(by_hash, trials=3, steps=FULL_STEPS)


def zipped(folder: Path, target: Path, top: str = "") -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, top + path.relative_to(folder).as_posix())
    return target


def refused(records: list[Record]) -> RecordsError:
    with pytest.raises(RecordsError) as caught:
        check_entry(records, COLORED_MNIST, DEFAULTS)
    return caught.value


def test_a_whole_tier_is_taken_and_known(defaults: list[Record]) -> None:
    check_entry(defaults, COLORED_MNIST, DEFAULTS)
    assert whole_tiers(defaults) == ("defaults",)
    assert whole_tiers(sweep(by_hash, trials=3)) == ()
    assert whole_tiers(sweep(by_hash, trials=3, hparams=20, steps=FULL_STEPS)) == ("iid",)


def test_the_named_steps_may_be_the_data_sets_own(defaults: list[Record]) -> None:
    assert {r.args["steps"] for r in defaults} == {FULL_STEPS}
    check_entry([replace(r, args={**r.args, "steps": None}) for r in defaults], COLORED_MNIST, DEFAULTS)


def test_what_is_no_entry_is_named(defaults: list[Record]) -> None:
    other = sweep(by_hash, trials=3, dataset="RotatedMNIST", steps=FULL_STEPS)
    two = refused([*defaults, *sweep(by_hash, trials=3, algorithms=["IRM"], steps=FULL_STEPS)])
    assert (two.code, str(two).splitlines()[0]) == (
        "records.mixed",
        "these are 2 sweeps (ERM on ColoredMNIST, IRM on ColoredMNIST); hand in one algorithm on one data set",
    )
    assert refused(other).code == "records.wrong_benchmark"
    assert "records of RotatedMNIST, not of ColoredMNIST" in str(refused(other))
    check_entry(other, ROTATED_MNIST, DEFAULTS)


def test_runs_that_are_missing_or_too_many_for_the_tier_are_named(defaults: list[Record]) -> None:
    first = [r for r in defaults if r.args["trial_seed"] == 0]
    few = refused(first)
    assert few.code == "records.wrong_tier"
    assert "6 runs are missing for the tier defaults: test_envs [0] hparams_seed 0 trial_seed 1" in str(few)
    many = refused(sweep(by_hash, trials=3, hparams=2, steps=FULL_STEPS))
    assert "9 runs are too many for the tier defaults: test_envs [0] hparams_seed 1 trial_seed 0" in str(many)
    with pytest.raises(RecordsError, match="171 runs are missing for the tier iid"):
        check_entry(defaults, COLORED_MNIST, IID)
    with pytest.raises(RecordsError, match="the tier full"):
        check_entry(defaults, COLORED_MNIST, FULL)


def test_another_protocol_is_another_tier() -> None:
    shorter = refused(sweep(by_hash, trials=3, steps=1001))
    assert shorter.code == "records.wrong_tier"
    assert "(1001, 100, 0.2, 'domain_generalization', 0); the tier defaults has (5001, 100, 0.2" in str(shorter)


@pytest.mark.parametrize("top", ["", "sweep/", "some/where/"])
def test_a_zip_gives_the_records_of_its_folders(tmp_path: Path, defaults: list[Record], top: str) -> None:
    write(tmp_path / "runs", defaults)
    found = read_zip(zipped(tmp_path / "runs", tmp_path / "runs.zip", top))
    assert {to_line(r) for r in found} == {to_line(r) for r in defaults}
    assert len(found) == len(defaults)
    check_entry(found, COLORED_MNIST, DEFAULTS)


def test_a_zip_is_read_as_strictly_as_a_folder(tmp_path: Path) -> None:
    (run, *_) = write(tmp_path / "runs", sweep(by_hash))
    (run / "results.jsonl").write_text((run / "results.jsonl").read_text().replace('"step": 0', '"step": -1'))
    with pytest.raises(RecordsError, match="step is -1") as caught:
        read_zip(zipped(tmp_path / "runs", tmp_path / "runs.zip"))
    assert caught.value.code == "records.bad_value"


def test_what_is_no_zip_of_runs_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "a.zip"
    text.write_text("PK it is not")
    plain = tmp_path / "b.zip"
    plain.write_text("records")
    outside = tmp_path / "c.zip"
    with zipfile.ZipFile(outside, "w") as archive:
        archive.writestr("../run/results.jsonl", "{}\n")
    for path in (text, plain, outside):
        with pytest.raises(RecordsError) as caught:
            read_zip(path)
        assert caught.value.code == "records.not_a_zip"
    empty = tmp_path / "d.zip"
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(RecordsError) as caught:
        read_zip(empty)
    assert caught.value.code == "records.empty"
