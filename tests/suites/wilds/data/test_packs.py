"""Releases of images as packs: splits are sets, the group field is the domain, figures' groups are columns."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from tests.suites.wilds.data import trees

from farfield_evaluators.data.packs import Pack, PackError, open_pack, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.suite import ImportRequest
from farfield_evaluators.suites.wilds.benchmarks import WILDS_BENCHMARKS
from farfield_evaluators.suites.wilds.data.importers import IMPORTERS, LAYOUTS
from farfield_evaluators.suites.wilds.data.packing import import_images
from farfield_evaluators.suites.wilds.scoring import scoring_of

IMPORT = {layout.dataset.name: partial(import_images, layout) for layout in LAYOUTS}
IMAGES = ("camelyon17", "iwildcam", "rxrx1", "fmow")


def imported(name: str, root: Path) -> Pack:
    """A tree is no whole release, and so it is a subset."""
    return IMPORT[name](trees.GROW[name](root), root / "packs", subset=True)


def values_of(pack: Pack, column: str, name: str) -> list[str]:
    """A group column of a set's examples, in the order of the data set."""
    positions = pack.in_source_order(pack.members(name))
    attribute = pack.attributes(positions)[column]
    return [attribute.values[number] for number in attribute.numbers.tolist()]


@pytest.mark.parametrize("name", IMAGES)
def test_a_tree_becomes_a_pack_with_every_split(name: str, tmp_path: Path) -> None:
    pack = imported(name, tmp_path)
    verify(pack)
    (benchmark,) = [b for b in WILDS_BENCHMARKS if b.name == f"wilds/{name}"]
    assert pack.name == benchmark.pack
    assert set(pack.counts()) == {d.set for d in benchmark.domains} | {"train"}
    assert {column.name for column in pack.columns} >= set(scoring_of(name).groups) - {"domain"}
    assert (pack.official, pack.release) == (False, "subset")
    assert (np.unique(pack.labels) >= 0).all()


def test_the_group_field_is_the_domain(tmp_path: Path) -> None:
    pack = imported("camelyon17", tmp_path)
    assert values_of(pack, "domain", "train") == ["0", "3"]
    assert values_of(pack, "domain", "test") == ["2", "2"]
    assert values_of(pack, "slide", "test") == ["4", "5"]


def test_regions_and_years(tmp_path: Path) -> None:
    pack = imported("fmow", tmp_path)
    assert values_of(pack, "year", "test") == values_of(pack, "domain", "test") == ["2016", "2017"]
    assert values_of(pack, "region", "test") == ["Other", "Americas"]
    assert pack.counts() == {"id_test": 1, "id_val": 1, "test": 2, "train": 1, "val": 2}
    assert [pack.classes[n].name for n in pack.labels[pack.members("train")]] == ["airport"]


def test_the_image_of_a_row_is_its_own(tmp_path: Path) -> None:
    """The picture numbered by a row of the whole table, and not by one of what is left of it."""
    from farfield.runtime.images import open_image

    pack = imported("fmow", tmp_path)
    (position,) = pack.members("train").tolist()
    start, end = pack.spans[position].tolist()
    red, _, _ = open_image(pack.blob.read_bytes()[start:end]).convert("RGB").getpixel((0, 0))
    assert red == 1  # the second row of the table


def test_counts_are_noted_and_what_others_say_is_compared(tmp_path: Path) -> None:
    notes = imported("fmow", tmp_path).notes
    assert notes[0] == "examples: train 1, id_val 1, id_test 1, val 2, test 2"
    assert "another number than expected: train has 1, others say 76,863" in notes
    assert notes[-1] == "left out: 3 rows of no split or without an image"


def test_known_counts_are_held_against_a_whole_release(tmp_path: Path) -> None:
    with pytest.raises(ImportProblems) as error:
        IMPORT["camelyon17"](trees.camelyon17(tmp_path), tmp_path / "packs")
    assert "the split train has 2 examples of 302,436: 302,434 missing" in error.value.problems
    assert "--subset" in str(error.value)
    assert not list((tmp_path / "packs").glob("*/current"))


def test_counts_that_nobody_is_sure_of_are_only_noted(tmp_path: Path) -> None:
    pack = IMPORT["rxrx1"](trees.rxrx1(tmp_path), tmp_path / "packs")
    assert (pack.official, pack.release) == (True, "1.0")
    assert any("others say 40,612" in note for note in pack.notes)


def test_every_missing_image_is_named_and_a_subset_leaves_its_row_out(tmp_path: Path) -> None:
    root = trees.rxrx1(tmp_path)
    (root / "images" / "RPE-01" / "Plate2" / "A01_s1.png").unlink()
    (root / "images" / "HUVEC-17" / "Plate4" / "C02_s2.png").unlink()
    with pytest.raises(ImportProblems) as error:
        IMPORT["rxrx1"](root, tmp_path / "packs")
    assert error.value.problems == (
        "images/RPE-01/Plate2/A01_s1.png: missing",
        "images/HUVEC-17/Plate4/C02_s2.png: missing",
    )
    pack = IMPORT["rxrx1"](root, tmp_path / "packs", subset=True)
    assert pack.counts() == {"id_test": 2, "test": 1, "train": 1, "val": 2}
    assert "left out: 2 rows of no split or without an image" in pack.notes


def test_a_split_without_an_image_is_no_pack(tmp_path: Path) -> None:
    root = trees.rxrx1(tmp_path)
    for image in (root / "images" / "HEPG2-08").rglob("*.png"):
        image.unlink()
    with pytest.raises(ImportProblems, match="no example is in the split val"):
        IMPORT["rxrx1"](root, tmp_path / "packs", subset=True)


def test_a_broken_image_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    root = trees.rxrx1(tmp_path)
    broken = root / "images" / "RPE-01" / "Plate2" / "A01_s1.png"
    broken.write_bytes(broken.read_bytes()[:40])
    with pytest.raises(ImportProblems, match=r"images/RPE-01/Plate2/A01_s1\.png: unreadable: "):
        IMPORT["rxrx1"](root, tmp_path / "packs")
    with pytest.raises(PackError, match="is not imported here"):
        open_pack(tmp_path / "packs", "wilds-rxrx1")


def test_the_same_tree_gives_the_same_pack_and_another_label_another(tmp_path: Path) -> None:
    first = imported("camelyon17", tmp_path / "a")
    assert imported("camelyon17", tmp_path / "b").fingerprint == first.fingerprint
    rows = [*trees.CAMELYON17[:-1], (*trees.CAMELYON17[-1][:4], 1, *trees.CAMELYON17[-1][5:])]
    other = IMPORT["camelyon17"](trees.camelyon17(tmp_path / "c", rows), tmp_path / "c" / "packs", subset=True)
    assert other.fingerprint != first.fingerprint


def test_the_importers_go_by_the_names_of_the_packs(tmp_path: Path) -> None:
    by_name = {importer.name: importer for importer in IMPORTERS}
    assert {b.pack for b in WILDS_BENCHMARKS} <= set(by_name)
    request = ImportRequest(path=trees.camelyon17(tmp_path), packs=tmp_path / "packs", subset=True)
    assert by_name["wilds-camelyon17"].run(request).name == "wilds-camelyon17"
    with pytest.raises(PackError, match="wilds-fmow is not shipped; give PATH"):
        by_name["wilds-fmow"].run(ImportRequest(path=None, packs=tmp_path))
