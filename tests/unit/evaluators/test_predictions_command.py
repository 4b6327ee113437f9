"""`farfield data export`, `farfield score` and `farfield evaluate --save-predictions`, as a person types them."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from tests.smallpack import CLASSES, DEMO_BENCHMARKS, small_pack
from tests.toyplugin import install_toy_plugin

from farfield.cli import main
from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.export import ExportError, export_images
from farfield_evaluators.predictions import official_ids


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pack:
    monkeypatch.setenv("FARFIELD_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("FARFIELD_PLUGIN_PATH", str(install_toy_plugin(tmp_path / "toy-plugin")))
    return small_pack(tmp_path / "var")


@pytest.mark.parametrize(
    ("method", "benchmark"), [("toy-brightness", "imagenet-ood/mini"), ("toy-detector", "ood-detection/mini")]
)
def test_a_runs_own_file_scores_as_the_run(
    pack: Pack, tmp_path: Path, capsys: pytest.CaptureFixture[str], method: str, benchmark: str
) -> None:
    file = tmp_path / "mine.npz"
    ran = ["evaluate", method, "--benchmark", benchmark, "--set", "shift=1", "--save-predictions", str(file), "--json"]
    assert main(ran) == 0
    of_run = json.loads(capsys.readouterr().out)["scores"]
    assert main(["score", benchmark, str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"] == of_run
    assert len(of_run) > 10


def test_a_run_is_scored_again_from_what_it_said(
    pack: Pack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "run.parquet"
    assert (
        main(["evaluate", "toy-detector", "--benchmark", "ood-detection/mini", "--save-outcomes", str(file), "--json"])
        == 0
    )
    of_run = json.loads(capsys.readouterr().out)["scores"]
    assert main(["score", "ood-detection/mini", "--outcomes", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"] == of_run


def test_a_place_that_cannot_be_written_is_refused_before_the_run(
    pack: Pack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "absent" / "mine.npz"
    assert main(["evaluate", "none", "--benchmark", "imagenet-ood/mini", "--save-predictions", str(file)]) == 1
    assert "the folder of mine.npz does not exist" in capsys.readouterr().err


def test_the_table_is_that_of_evaluate(pack: Pack, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    benchmark = find("imagenet-ood/mini")
    ids = official_ids(benchmark, pack)
    np.savez(tmp_path / "mine.npz", ids=ids, logits=np.zeros((len(ids), CLASSES)))
    assert main(["score", benchmark.name, str(tmp_path / "mine.npz")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(benchmark.columns)
    assert lines[0].split() == ["Mean", "of", "shifts", "25.0", "±", "4.8"]


def test_a_file_that_is_refused_says_why(pack: Pack, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.npz").write_text("hello")
    assert main(["score", "imagenet-ood/mini", str(tmp_path / "mine.npz")]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.rstrip().endswith("[predictions.not_a_file]")


@pytest.mark.parametrize("benchmark", DEMO_BENCHMARKS, ids=lambda b: b.name)
def test_an_export_holds_every_image_by_id_and_no_label(benchmark, pack: Pack, tmp_path: Path) -> None:
    folder = tmp_path / "exported"
    assert main(["data", "export", benchmark.name, str(folder)]) == 0
    files = sorted((folder / "test").iterdir())
    assert [p.stem.encode() for p in files] == official_ids(benchmark, pack).tolist()
    assert all(hashlib.sha256(p.read_bytes()).hexdigest().startswith(p.stem) for p in files)
    assert {p.suffix for p in files} == {".png"}
    described = json.loads((folder / "classes.json").read_text())
    assert [c["name"] for c in described["classes"]] == [f"level {i}" for i in range(CLASSES)]
    assert described["arrays"]["logits"] == [len(files), CLASSES]
    assert sorted(p.name for p in folder.iterdir()) == ["classes.json", "test"]
    assert oct(folder.stat().st_mode & 0o777) == "0o755"


def test_an_empty_folder_is_taken_and_any_other_refused(
    pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    benchmark = find("imagenet-ood/mini")
    empty, full, file = (tmp_path / name for name in ("empty", "full", "file"))
    empty.mkdir()
    full.mkdir()
    (full / "mine.txt").write_text("mine")
    file.write_text("mine")
    assert export_images(benchmark, pack, empty) > 0
    for refused in (empty, full, file):
        with pytest.raises(ExportError, match="not an empty folder"):
            export_images(benchmark, pack, refused)
    with pytest.raises(ExportError, match="does not exist"):
        export_images(benchmark, pack, tmp_path / "a" / "b")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with pytest.raises(ExportError, match="where this command runs"):
        export_images(benchmark, pack, Path())
    assert [p.name for p in full.iterdir()] == ["mine.txt"]


def test_an_export_that_fails_leaves_nothing(pack: Pack, tmp_path: Path) -> None:
    pack.blob.rename(tmp_path / "gone")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ExportError, match="cannot be written: No such file"):
        export_images(find("imagenet-ood/mini"), pack, tmp_path / "exported")
    assert sorted(tmp_path.iterdir()) == before
