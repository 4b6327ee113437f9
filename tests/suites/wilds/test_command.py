"""`farfield score wilds`, as a person types it, on tiny releases in the official layouts."""

import argparse
import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from tests.suites.wilds.submissions import grown, seeded, written

from farfield.cli import main
from farfield_evaluators.suites.wilds.command import Command, score
from farfield_evaluators.suites.wilds.data.release import Release
from farfield_evaluators.suites.wilds.data.truth import READERS
from farfield_evaluators.suites.wilds.datasets import CAMELYON17, DATASETS, IWILDCAM
from farfield_evaluators.suites.wilds.scoring import scoring_of
from farfield_evaluators.suites.wilds.submission import (
    EXTRA,
    MISSING,
    NOT_NUMBERS,
    PICKLED,
    SHORT,
    TWICE,
    UNSORTED,
    CellName,
    FolderError,
)

FILE = "camelyon17_split:{}_seed:{}.csv"


@pytest.fixture(scope="module")
def camelyon(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return grown("camelyon17", tmp_path_factory.mktemp("root"))


@pytest.mark.parametrize("name", sorted(READERS))
def test_every_data_set_is_scored_from_its_release_and_a_folder(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = grown(name, tmp_path / "root")
    folder = written(name, root, tmp_path / "all" / name, suffix="_epoch:best_pred")
    dataset = DATASETS[name]
    assert score(dataset, root, folder.parent, tmp_path, "json") == 0
    printed = json.loads(capsys.readouterr().out)
    results = json.loads((tmp_path / f"{name}_results.json").read_text())
    assert printed["official"] == results
    assert list(results) == list(dataset.evaluated)
    for split in results.values():
        assert set(split) == {*dataset.reported, *(f"{key}_std" for key in dataset.reported)}
    # Both keys of Py150's headline are of one figure; what is defined in every replicate has a spread.
    known = {(f["metric"], f["domain"]): f for f in printed["figures"]}
    metric = scoring_of(name).keys.metric(dataset.headline)
    of_splits = [known.get((metric, split.replace("_", "-"))) for split in dataset.evaluated]
    assert any(of_splits)
    for split, found in zip(dataset.evaluated, of_splits, strict=True):
        if found is not None:
            assert found["mean"] == results[split][dataset.headline]
            assert found["std"] == results[split][f"{dataset.headline}_std"]
            assert len(found["values"]) == len(dataset.replicates)


def right(release: Release, split: str, replicate: int) -> np.ndarray:
    """All right, but for the first `replicate` examples."""
    labels = release.labels[release.at(split)].copy()
    labels[:replicate] = 1 - labels[:replicate]
    return labels[:, None]


def test_figures_by_hand(camelyon: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written("camelyon17", camelyon, tmp_path / "mine", lambda r, s, n: right(r, s, min(n, 1)))
    assert score(CAMELYON17, camelyon, folder, tmp_path, "csv") == 0
    found = {row["metric"] + " " + row["domain"]: row for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}
    accuracy = found["accuracy test"]
    assert accuracy["wilds_key"] == "acc_avg"
    # Two examples: once all right, then nine times one of them wrong.
    assert float(accuracy["mean"]) == pytest.approx((1 + 9 * 0.5) / 10)
    assert float(accuracy["std"]) == pytest.approx(np.std([1] + 9 * [0.5], ddof=1))
    assert any(row["wilds_key"].startswith("acc_slide:") for row in found.values())


@pytest.mark.parametrize(("form", "says"), [("text", "over 10 seeds"), ("latex", r"\begin{tabular}{lrrr}")])
def test_the_table(form: str, says: str, camelyon: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written("camelyon17", camelyon, tmp_path / "mine")
    score(CAMELYON17, camelyon, folder, tmp_path, form)
    printed = capsys.readouterr().out
    assert ("undefined, without examples: " in printed) == (form == "text")
    assert says in printed
    assert "Accuracy, " in printed


def test_every_problem_is_named_with_its_cell_and_nothing_is_written(
    camelyon: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = written("camelyon17", camelyon, tmp_path / "mine")
    (folder / FILE.format("test", 1)).unlink()
    (folder / "camelyon17_split:test_seed:10.csv").write_text("1\n")
    (folder / "camelyon17_split:val_seed:2_pred.csv").write_text("1\n1\n")
    (folder / FILE.format("val", 3)).write_text("1\n")
    (folder / FILE.format("val", 4)).write_text("1,0\n0,1\n")
    (folder / FILE.format("val", 5)).write_text("one\ntwo\n")
    (folder / FILE.format("val", 6)).write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(FolderError) as caught:
        score(CAMELYON17, camelyon, folder, tmp_path, "text")
    found = {problem.code: problem.where for problem in caught.value.problems}
    assert found == {
        MISSING: "split test, seed:1",
        EXTRA: "camelyon17_split:test_seed:10.csv",
        TWICE: "split val, seed:2",
        SHORT: f"split val, seed:3 ({FILE.format('val', 3)})",
        UNSORTED: f"split val, seed:4 ({FILE.format('val', 4)})",
        NOT_NUMBERS: f"split val, seed:5 ({FILE.format('val', 5)})",
        PICKLED: f"split val, seed:6 ({FILE.format('val', 6)})",
    }
    assert not list(tmp_path.glob("*.json"))
    assert capsys.readouterr().out == ""


def test_the_order_of_the_folder_is_no_matter(camelyon: Path, tmp_path: Path) -> None:
    folder = written("camelyon17", camelyon, tmp_path / "mine")
    score(CAMELYON17, camelyon, folder, tmp_path, "text")
    other = tmp_path / "other"
    other.mkdir()
    for path in sorted(folder.iterdir(), reverse=True):
        (other / path.name).write_bytes(path.read_bytes())
    (tmp_path / "again").mkdir()
    score(CAMELYON17, camelyon, other, tmp_path / "again", "text")
    name = "camelyon17_results.json"
    assert (tmp_path / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_results_may_be_written_beside_the_predictions(tmp_path: Path) -> None:
    root = grown("iwildcam", tmp_path)
    folder = written("iwildcam", root, tmp_path / "mine", seeded)
    for _ in range(2):
        assert score(IWILDCAM, root, folder, folder, "text") == 0
    assert CellName("val", "seed:0").file(IWILDCAM) in {path.name for path in folder.iterdir()}


def test_what_the_command_needs_is_asked_for() -> None:
    parser = argparse.ArgumentParser(exit_on_error=False)
    command = Command()
    command.add_options(parser)
    args = parser.parse_args(["--dataset", "iwildcam"])
    assert command.is_used(args)
    assert not command.is_used(parser.parse_args([]))

    def refuse(says: str) -> None:
        raise SystemExit(says)

    args.file, args.usage_error = None, refuse
    with pytest.raises(SystemExit, match="--predictions DIR"):
        command.score(args)


def test_as_a_person_types_it(camelyon: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written("camelyon17", camelyon, tmp_path / "mine", suffix="_epoch:last_pred")
    words = ["score", "wilds", "--dataset", "camelyon17", "--root", str(camelyon), "--predictions", str(folder)]
    assert main([*words, "--results", str(tmp_path)]) == 0
    assert "over 10 seeds" in capsys.readouterr().out
    results = tmp_path / "camelyon17_results.json"
    results.unlink()
    (folder / "camelyon17_split:val_seed:7_epoch:last_pred.csv").unlink()
    assert main([*words, "--results", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert (said.out, results.exists()) == ("", False)
    assert "split val, seed:7: its file is missing" in said.err
    assert "folder.missing" in said.err
    assert main(["score", "wilds", "--dataset", "camelion", *words[4:]]) == 1
    assert "camelyon17" in capsys.readouterr().err
