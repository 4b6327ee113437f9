"""`farfield data import domainbed/...` as an operator types it."""

from pathlib import Path

import pytest
from tests.catalogs import replace_importer
from tests.suites.domainbed.data.trees import digit_files, grow, tiny

from farfield.cli import main
from farfield_evaluators.data.packs import list_packs
from farfield_evaluators.suite import Importer
from farfield_evaluators.suites.domainbed.data.folders import import_folders
from farfield_evaluators.suites.domainbed.data.importers import IMPORTERS
from farfield_evaluators.suites.domainbed.data.official import PACS

SMALL = tiny(PACS)


@pytest.fixture(autouse=True)
def small_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARFIELD_VAR", str(tmp_path / "var"))

    def small(path: Path, packs: Path, *, subset: bool) -> object:
        return import_folders(SMALL, path, packs, subset=subset)

    replace_importer(monkeypatch, Importer(name=PACS.name, build=small))


def test_the_names_of_all_data_sets() -> None:
    assert tuple(importer.name for importer in IMPORTERS) == (
        "domainbed/styles",
        "domainbed/vlcs",
        "domainbed/pacs",
        "domainbed/office-home",
        "domainbed/terra-incognita",
        "domainbed/domain-net",
        "domainbed/sviro",
        "domainbed/wilds-camelyon",
        "domainbed/wilds-fmow",
        *(f"domainbed/spawrious-{kind}-{level}" for kind in ("o2o", "m2m") for level in ("easy", "medium", "hard")),
        "domainbed/debug-28",
        "domainbed/debug-224",
        "domainbed/mnist",
        "domainbed/fashion-mnist",
        "domainbed/colored-mnist",
        "domainbed/rotated-mnist",
        "domainbed/colored-fashion",
        "domainbed/rotated-fashion",
    )


def test_a_whole_release(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "import", "domainbed/pacs", str(grow(SMALL, tmp_path))]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("domainbed/pacs  ")
    assert "16 images, 2 classes" in printed
    assert "release domainbed" in printed
    assert main(["data", "verify", "domainbed/pacs"]) == 0


def test_a_part_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = grow(SMALL, tmp_path)
    (root / "photo" / "dog" / "pic_0.jpg").unlink()
    (root / "photo" / "dog" / "pic_1.png").write_bytes(b"?")
    report = tmp_path / "report.txt"
    assert main(["data", "import", "domainbed/pacs", str(root), "--report", str(report)]) == 1
    assert "1 missing\n  photo/dog/pic_1.png: unreadable" in capsys.readouterr().err
    first, second = report.read_text().splitlines()
    assert first == "domain photo: 3 images, not 4; 1 missing"
    assert second.startswith("photo/dog/pic_1.png: unreadable: ")
    (root / "photo" / "dog" / "pic_1.png").unlink()
    assert main(["data", "import", "domainbed/pacs", str(root), "--subset"]) == 0
    assert "not the official data" in capsys.readouterr().out


def test_a_report_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = grow(SMALL, tmp_path)
    (root / "photo" / "dog" / "pic_0.jpg").unlink()
    report = tmp_path / "nowhere" / "report.txt"
    assert main(["data", "import", "domainbed/pacs", str(root), "--report", str(report)]) == 1
    assert f"{report}: the report cannot be written: No such file or directory" in capsys.readouterr().err


def test_colored_and_rotated_share_one_pack(tmp_path: Path) -> None:
    folder = str(digit_files(tmp_path / "files"))
    for name in ("domainbed/colored-mnist", "domainbed/rotated-mnist", "domainbed/mnist"):
        assert main(["data", "import", name, folder, "--subset"]) == 0
    assert [p.name for p in list_packs(tmp_path / "var" / "packs")] == ["domainbed/mnist"]


def test_styles_need_no_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "import", "domainbed/styles"]) == 0
    assert "1745 images, 14 classes" in capsys.readouterr().out
    assert main(["data", "list"]) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["domainbed/pacs"], "domainbed/pacs is not shipped; give PATH, the folder with your copy of it [data.pack]"),
        (["domainbed/styles", "x"], "domainbed/styles comes with the distribution `farfield-demo`; it takes no PATH"),
        (["farfield-mini", "x"], "farfield-mini comes with the distribution `farfield-demo`; it takes no PATH"),
        (["domainbed/pax", "x"], "no data set is called 'domainbed/pax', did you mean domainbed/pacs"),
    ],
    ids=["no path", "a path", "the demo's", "unknown"],
)
def test_what_is_said_to_a_wrong_command(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "import", *arguments]) == 1
    assert said in capsys.readouterr().err
