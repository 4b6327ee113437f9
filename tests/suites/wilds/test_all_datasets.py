"""`farfield score wilds` over a folder of all data sets at once."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from tests.suites.wilds.submissions import grown, written

from farfield.cli import main
from farfield_evaluators.suites.wilds.command import score, score_all
from farfield_evaluators.suites.wilds.datasets import CAMELYON17, DATASETS, IWILDCAM
from farfield_evaluators.suites.wilds.submission import EMPTY, EXTRA, MISSING, FolderError

NAMES = ("camelyon17", "iwildcam")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The releases of two data sets, under their official names."""
    root = tmp_path_factory.mktemp("root")
    for name in NAMES:
        grown(name, root)
    return root


@pytest.fixture
def folder(release: Path, tmp_path: Path) -> Path:
    for name in NAMES:
        written(name, release, tmp_path / "all" / name)
    return tmp_path / "all"


def test_all_are_scored_as_each_alone(
    release: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = {}
    for dataset in (CAMELYON17, IWILDCAM):
        score(dataset, release, folder, tmp_path, "json")
        alone[dataset.name] = json.loads(capsys.readouterr().out)
    together = tmp_path / "together"
    together.mkdir()
    assert score_all(release, folder, together, "json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["datasets"] == dict(sorted(alone.items(), key=lambda item: list(DATASETS).index(item[0])))
    assert printed["missing"] == [name for name in DATASETS if name not in NAMES]
    for name in NAMES:
        assert (together / f"{name}_results.json").read_bytes() == (tmp_path / f"{name}_results.json").read_bytes()
    results = json.loads((together / "all_results.json").read_text())
    assert results == {name: alone[name]["official"] for name in NAMES}


def test_as_a_person_types_it(
    release: Path, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)  # results may lie among the folders, and are no folder of a data set
    words = ["score", "wilds", "--root", str(release), "--predictions", str(folder)]
    for _ in range(2):
        assert main(words) == 0
    said = capsys.readouterr().out
    lines = said.splitlines()
    missing = ", ".join(name for name in DATASETS if name not in NAMES)
    assert lines[-1] == f"missing, without a folder: {missing}"
    assert lines[1].split() == ["val", "test", "id_val", "id_test"]
    accuracy = next(line for line in lines if line.startswith("camelyon17"))
    assert accuracy.count("±") == 3  # it has no id_test
    assert main([*words, "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["dataset"] for row in rows} == set(NAMES)
    assert main([*words, "--format", "latex"]) == 0
    assert r"\begin{tabular}" in capsys.readouterr().out


def test_what_is_wrong_is_named_with_its_data_set_and_nothing_is_written(
    release: Path, folder: Path, tmp_path: Path
) -> None:
    (folder / "iwildcam" / "iwildcam_split:val_seed:1.csv").unlink()
    (folder / "camelyon").mkdir()
    with pytest.raises(FolderError) as caught:
        score_all(release, folder, tmp_path, "text")
    assert [(problem.code, problem.where) for problem in caught.value.problems] == [
        (EXTRA, "camelyon"),
        (MISSING, "iwildcam: split val, seed:1"),
    ]
    assert not list(tmp_path.glob("*.json"))
    shutil.rmtree(folder)
    folder.mkdir()
    with pytest.raises(FolderError, match="none of the folders is there") as caught:
        score_all(release, folder, tmp_path, "text")
    assert caught.value.code == EMPTY
