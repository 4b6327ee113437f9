"""The data that the demo fetches: what keeps them away is said, and no demo fails for it."""

import zipfile
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from farfield_local.demo.cells import DISTRIBUTION, PACK, import_cells
from farfield_local.demo.run import absent_packs


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where pip looks."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


def said(var: Path) -> str:
    console = Console(file=StringIO(), width=1000)
    import_cells(var, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def wheel(folder: Path, labels: str) -> None:
    name, version = DISTRIBUTION.split("==")
    stem = f"{name.replace('-', '_')}-{version}"
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as archive:
        archive.writestr("elpv_dataset/data/labels.csv", labels)
        archive.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{stem}.dist-info/RECORD", "")


def test_what_cannot_be_fetched_is_said_with_its_licence(tmp_path: Path, wheels: Path) -> None:
    text = said(tmp_path / "var")
    assert "91 MB, CC BY-NC-SA 4.0: no commercial use" in text
    assert "the board groups/elpv stays empty: ERROR: No matching distribution found" in text
    assert PACK in absent_packs(tmp_path / "var")


def test_another_release_than_the_one_that_is_known_is_refused(tmp_path: Path, wheels: Path) -> None:
    wheel(wheels, "images/cell0001.png  1.0  mono\n")
    assert "labels.csv, line 1: images/cell0001.png is not there" in said(tmp_path / "var")
    assert PACK in absent_packs(tmp_path / "var")
    assert (tmp_path / "var" / "fetched" / "elpv_dataset").is_dir()  # fetched once: a second start only imports
