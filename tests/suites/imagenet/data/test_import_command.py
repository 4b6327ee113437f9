"""`farfield data import imagenet/...` as an operator types it."""

from pathlib import Path

import pytest
from tests.catalogs import replace_importer
from tests.suites.imagenet.data.trees import few, grow

from farfield.cli import main
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.suite import Importer
from farfield_evaluators.suites.imagenet.data.folders import import_release
from farfield_evaluators.suites.imagenet.data.importers import IMPORTERS
from farfield_evaluators.suites.imagenet.data.official import R

SMALL = few(R, ("n01443537", "n01484850"), per_class=2)


@pytest.fixture(autouse=True)
def small_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARFIELD_VAR", str(tmp_path / "var"))

    def small(path: Path, packs: Path, *, subset: bool) -> Pack:
        return import_release(SMALL, path, packs, subset=subset)

    replace_importer(monkeypatch, Importer(name=R.name, build=small))


def test_the_names_of_all_data_sets() -> None:
    assert tuple(importer.name for importer in IMPORTERS) == (
        "imagenet/val",
        "imagenet/train",
        "imagenet/v2",
        "imagenet/v2-threshold",
        "imagenet/v2-top-images",
        "imagenet/r",
        "imagenet/a",
        "imagenet/sketch",
        "imagenet/stylized",
        "imagenet/objectnet",
        "imagenet/c",
        "imagenet/c-extra",
        "imagenet/3dcc",
        "openood/imagenet",
        "openood/imagenet-full-spectrum",
        "openood/imagenet-full-spectrum-es",
        "openood/imagenet-200",
        "imagenet/classic-ood",
        "imagenet/o",
        "imagenet/ood-cv",
        "imagenet/cns-bench",
        "imagenet/ood",
        "imagenet/v2-variants",
        "imagenet/w",
        "imagenet/mini-c",
    )


def test_a_release(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "import", "imagenet/r", str(grow(SMALL, tmp_path / "imagenet-r"))]) == 0
    assert "4 images, 1000 classes, ImageNet-R" in capsys.readouterr().out
    assert main(["data", "verify", "imagenet/r"]) == 0
    assert main(["data", "list"]) == 0


def test_problems_are_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = grow(SMALL, tmp_path / "imagenet-r")
    (root / "n01443537" / "n01443537_0.JPEG").unlink()
    report = tmp_path / "report.txt"
    assert main(["data", "import", "imagenet/r", str(root), "--report", str(report)]) == 1
    assert "nothing was imported: 1 problem; mend them" in (said := capsys.readouterr().err)
    assert said.rstrip().endswith("[data.problems]")
    assert report.read_text() == "class n01443537: 1 images, not 2; 1 missing\n"
    assert main(["data", "import", "imagenet/r", str(root), "--report", str(tmp_path / "no" / "where")]) == 1
    assert "the report cannot be written" in capsys.readouterr().err
    assert main(["data", "import", "imagenet/r", str(root), "--subset"]) == 0
    assert "not the official data" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["imagenet/v2"], "imagenet/v2 is not shipped; give PATH, the folder with your copy of it"),
        (["imagenet/ood", "x"], "imagenet/ood is made of what is imported or installed here; it takes no PATH"),
        (["imagenet/mini-c", "--subset"], "it takes no PATH and no --subset"),
        (["imagenet/ood"], "these are missing: imagenet/val, imagenet/v2, imagenet/r, imagenet/a, imagenet/sketch"),
        (["imagenet/w2", "x"], "no data set is called 'imagenet/w2'"),
    ],
    ids=["no path", "a path", "a part", "parts missing", "unknown"],
)
def test_what_is_said_to_a_wrong_command(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "import", *arguments]) == 1
    assert said in capsys.readouterr().err
