"""`groups-elpv`: a toy tree in the package's layout is imported, and each thing wrong is named with its line."""

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from farfield_evaluators.data.packs import Pack, PackError
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.suite import ImportRequest
from farfield_evaluators.suites.groups.data import elpv
from farfield_evaluators.suites.groups.data.elpv import CLASSES, CRYSTALS, NAME, Cell, read_cells, split
from farfield_evaluators.suites.groups.data.importers import IMPORTERS

PER_GROUP = 12
PROBABILITIES = {"functional": ("0.0", "0.3333333333333333"), "defective": ("0.6666666666666666", "1.0")}


def grow(root: Path, per_group: int = PER_GROUP) -> Path:
    """The package with so many cells of each group: its folder, with `data/labels.csv` and `data/images`."""
    images = root / "elpv_dataset" / "data" / "images"
    images.mkdir(parents=True)
    (root / "elpv_dataset" / "__init__.py").write_text("raise RuntimeError('data are read, and no code is run')\n")
    lines = []
    for number in range(4 * per_group):
        label, crystal = CLASSES[number % 2], tuple(CRYSTALS)[number // 2 % 2]
        name = f"cell{number + 1:04}.png"
        pixels = np.random.default_rng(number).integers(0, 255, (6, 6), np.uint8)
        Image.fromarray(pixels).save(images / name)
        lines.append(f"images/{name}  {PROBABILITIES[label][number // 4 % 2]:18}  {crystal}")
    (images.parent / "labels.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root / "elpv_dataset"


def imported(path: Path | None, packs: Path, report: Path | None = None, *, subset: bool = True) -> Pack:
    importer = {each.name: each for each in IMPORTERS}[NAME]
    return importer.run(ImportRequest(path=path, packs=packs, subset=subset, report=report))


def broken(root: Path, line: str) -> Path:
    """A tree whose third line is another."""
    folder = grow(root)
    labels = folder / "data" / "labels.csv"
    lines = labels.read_text(encoding="utf-8").splitlines()
    lines[2] = line
    labels.write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_the_sets_are_balanced_but_for_training_where_nine_of_ten_cells_are_monocrystalline(tmp_path: Path) -> None:
    cells, problems = read_cells(grow(tmp_path, per_group=100) / "data")
    assert problems == []
    counts = {name: Counter(cell.group for cell in members) for name, members in split(cells).items()}
    assert set(counts["test"].values()) == {33}
    assert set(counts["val"].values()) == {14}
    for label in CLASSES:
        mono, poly = (counts["train"][label, crystal] for crystal in CRYSTALS.values())
        assert mono == 53
        assert mono / (mono + poly) == pytest.approx(0.9, abs=0.01)


def test_a_cell_is_defective_from_one_half_on() -> None:
    labels = [Cell(path=Path("c"), probability=p, crystal="x").label for p in (0.0, 1 / 3, 0.5, 2 / 3, 1.0)]
    assert labels == ["functional", "functional", "defective", "defective", "defective"]


@pytest.mark.parametrize("below", ["", "data"])
def test_the_package_is_read_wherever_it_lies(tmp_path: Path, below: str) -> None:
    pack = imported(grow(tmp_path) / below, tmp_path / "packs")
    assert pack.domains == ("monocrystalline", "polycrystalline")
    assert pack.counts()["test"] == 16
    aligned = pack.column("bias").values == 0
    assert (aligned == (pack.domain_numbers == 0)).all()
    assert not pack.official


def test_an_installed_package_needs_no_path_and_its_code_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(grow(tmp_path).parent)
    pack = imported(None, tmp_path / "packs")
    assert pack.name == NAME
    assert elpv.PACKAGE not in sys.modules


def test_where_there_is_none_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elpv, "PACKAGE", "no_such_package_of_cells")
    with pytest.raises(PackError, match=r"pip install elpv-dataset; CC BY-NC-SA 4\.0\), or give PATH"):
        imported(None, tmp_path / "packs")
    with pytest.raises(PackError, match=r"has no labels\.csv; give the folder of the package"):
        imported(tmp_path, tmp_path / "packs")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("images/cell0003.png 1.0", "is not a file, a probability and a crystal type"),
        ("images/cell0003.png 1.5 mono", "the probability '1.5' is no number from 0 to 1"),
        ("images/cell0003.png nan mono", "the probability 'nan' is no number from 0 to 1"),
        ("images/cell0003.png 1.0 amorphous", "the crystal type 'amorphous' is none of mono, poly"),
        ("images/cell0001.png 1.0 mono", "images/cell0001.png was there before"),
        ("images/cell9999.png 1.0 mono", "images/cell9999.png is not there"),
        ("../../secret.png 1.0 mono", "leads out of the folder"),
        ("/etc/passwd 1.0 mono", "leads out of the folder"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_imported(tmp_path: Path, line: str, said: str) -> None:
    report = tmp_path / "report.txt"
    with pytest.raises(ImportProblems, match="nothing was imported") as caught:
        imported(broken(tmp_path, line), tmp_path / "packs", report, subset=False)
    assert any(problem.startswith("labels.csv, line 3: ") and said in problem for problem in caught.value.problems)
    assert report.read_text().splitlines() == list(caught.value.problems)
    assert not (tmp_path / "packs" / NAME / "current").exists()


def test_fewer_cells_than_the_release_has_need_subset(tmp_path: Path) -> None:
    folder = grow(tmp_path)
    with pytest.raises(ImportProblems, match=r"--subset\n  labels\.csv: 48 cells; the release has 2,624"):
        imported(folder, tmp_path / "packs", subset=False)
    assert imported(folder, tmp_path / "packs").counts()["val"] == 8


def test_a_group_with_too_few_cells_is_named_with_its_count(tmp_path: Path) -> None:
    cells, _ = read_cells(grow(tmp_path) / "data")
    few = [cell for cell in cells if cell.group != ("defective", "polycrystalline")] + cells[3:4]
    with pytest.raises(PackError, match="1 polycrystalline defective"):
        split(few)


def test_a_damaged_image_is_named(tmp_path: Path) -> None:
    folder = grow(tmp_path)
    (folder / "data" / "images" / "cell0001.png").write_bytes(b"\x89PNG\r\n")
    with pytest.raises(PackError, match=r"cell0001\.png"):
        imported(folder, tmp_path / "packs")
