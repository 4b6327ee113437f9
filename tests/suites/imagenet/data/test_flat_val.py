"""The validation set as it is released: flat, with labels in the devkit's own numbering."""

import csv
from pathlib import Path

import pytest
from tests.suites.imagenet.data.trees import (
    colour,
    devkit,
    few,
    grow_flat,
    labels_by_colour,
    picture,
    small,
)

from farfield_evaluators.data import imagenet_classes as classes
from farfield_evaluators.data.packs import PackError
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.suites.imagenet.data import importers
from farfield_evaluators.suites.imagenet.data.flat_val import import_flat
from farfield_evaluators.suites.imagenet.data.folders import import_release
from farfield_evaluators.suites.imagenet.data.importers import import_val
from farfield_evaluators.suites.imagenet.data.official import VAL

WNIDS = ["n15075141", "n01440764", "n01443537", "n01440764", "n15075141", "n01443537"]
SMALL = few(VAL, ("n01440764", "n01443537", "n15075141"), per_class=2)


def test_the_devkits_numbers_are_not_the_sorted_ones(tmp_path: Path) -> None:
    root = grow_flat(tmp_path / "val", WNIDS)
    devkit(tmp_path / "ILSVRC2012_devkit_t12" / "data", WNIDS)
    found = labels_by_colour(import_flat(SMALL, root, root, tmp_path / "packs"), "val")
    assert [found[colour(p)] for p in sorted(root.iterdir())] == [classes.numbers()[w] for w in WNIDS]
    assert classes.numbers()["n15075141"] == 999


def test_kaggles_solution_gives_the_same_pack_and_so_do_class_folders(tmp_path: Path) -> None:
    root = grow_flat(tmp_path / "ILSVRC" / "Data" / "CLS-LOC" / "val", WNIDS)
    with (tmp_path / "LOC_val_solution.csv").open("w", newline="") as opened:
        table = csv.writer(opened)
        table.writerow(["ImageId", "PredictionString"])
        table.writerows([p.stem, f"{w} 85 1 499 272 "] for p, w in zip(sorted(root.iterdir()), WNIDS, strict=True))
    flat = import_flat(SMALL, root, root, tmp_path / "a")
    for path, wnid in zip(sorted(root.iterdir()), WNIDS, strict=True):
        (tmp_path / "sorted" / wnid).mkdir(parents=True, exist_ok=True)
        path.rename(tmp_path / "sorted" / wnid / path.name)
    assert import_release(SMALL, tmp_path / "sorted", tmp_path / "b").fingerprint == flat.fingerprint


def test_all_thousand_classes(tmp_path: Path) -> None:
    wnid_of = list(reversed(classes.wnids()))
    root = grow_flat(tmp_path, wnid_of)
    devkit(root, wnid_of)
    pack = import_flat(small(VAL), root, root, tmp_path / "packs")
    assert sorted(pack.labels.tolist()) == list(range(1000))
    assert pack.official


def test_what_is_missing_and_extra_is_named(tmp_path: Path) -> None:
    root = grow_flat(tmp_path / "val", WNIDS)
    devkit(tmp_path / "val", WNIDS)
    (root / "ILSVRC2012_val_00000002.JPEG").unlink()
    picture(root / "ILSVRC2012_val_00000099.JPEG")
    picture(root / "holiday.jpg")
    with pytest.raises(ImportProblems) as caught:
        import_flat(SMALL, root, root, tmp_path / "packs")
    first, *rest = caught.value.problems
    assert first == "holiday.jpg: extra; only ILSVRC2012_val_########.JPEG belong here"
    assert rest == [
        "ILSVRC2012_val_00000002: missing; the ground truth names it",
        "class n01440764: 1 images, not 2; 1 missing",
        "ILSVRC2012_val_00000099: extra; the ground truth has no such image",
    ]


def test_labels_that_are_missing_or_broken(tmp_path: Path) -> None:
    root = grow_flat(tmp_path / "val", WNIDS)
    with pytest.raises(PackError, match=r"labels are missing: put ILSVRC2012_validation_ground_truth.txt and meta.mat"):
        import_flat(SMALL, root, root, tmp_path / "packs")
    devkit(root, WNIDS)
    truth = root / "ILSVRC2012_validation_ground_truth.txt"
    truth.write_text(truth.read_text() + "1001\n")
    with pytest.raises(PackError, match="line 7 is '1001', and not an ILSVRC2012_ID from 1 to 1000"):
        import_flat(SMALL, root, root, tmp_path / "packs")
    (root / "meta.mat").write_bytes(b"not Matlab")
    with pytest.raises(PackError, match=r"meta.mat: is missing or not the devkit's"):
        import_flat(SMALL, root, root, tmp_path / "packs")
    (root / "meta.mat").unlink()
    with pytest.raises(PackError, match=r"meta.mat: is missing or not the devkit's"):
        import_flat(SMALL, root, root, tmp_path / "packs")


def test_a_solution_of_other_classes(tmp_path: Path) -> None:
    root = grow_flat(tmp_path, WNIDS[:1])
    (root / "LOC_val_solution.csv").write_text("ImageId,PredictionString\nILSVRC2012_val_00000001,n00000001 1 2 3 4\n")
    with pytest.raises(PackError, match="'n00000001' is none of ImageNet's 1000 wnids"):
        import_flat(SMALL, root, root, tmp_path / "packs")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (b"Image,Label\nILSVRC2012_val_00000001,n01440764 1 2 3 4\n", "row 1 lacks its ImageId or PredictionString"),
        (b"ImageId,PredictionString\nILSVRC2012_val_00000001\n", "row 1 lacks its ImageId or PredictionString"),
        (b"ImageId,PredictionString\nILSVRC2012_val_00000001,n01440764 1 \n,\n", "row 2 lacks its ImageId or"),
        (b"ImageId,PredictionString\nILSVRC2012_val_00000001,\xff\xfe\n", "cannot be read: line 2 is not UTF-8"),
        (b"ImageId,PredictionString\nILSVRC2012_val_00000001,n0" + b"1" * 200_000, "cannot be read: field larger than"),
    ],
)
def test_a_solution_that_is_not_kaggles(table: bytes, said: str, tmp_path: Path) -> None:
    root = grow_flat(tmp_path, WNIDS[:1])
    (root / "LOC_val_solution.csv").write_bytes(table)
    with pytest.raises(PackError, match=rf"LOC_val_solution.csv: {said}"):
        import_flat(SMALL, root, root, tmp_path / "packs")


def test_a_solution_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    root = grow_flat(tmp_path, WNIDS[:1])
    table = "ImageId,PredictionString\nILSVRC2012_val_00000001,n15075141 1 2 3 4\n"
    (root / "LOC_val_solution.csv").write_text(table, encoding="utf-8-sig")
    assert import_flat(SMALL, root, root, tmp_path / "packs", subset=True).labels.tolist() == [999]


def test_a_class_with_too_many_images_is_extra_in_a_part_too(tmp_path: Path) -> None:
    root = grow_flat(tmp_path, WNIDS[1:2] * 3)
    devkit(root, WNIDS[1:2] * 3)
    with pytest.raises(ImportProblems, match="1 problem\n  class n01440764: 3 images, not 2; 1 too many"):
        import_flat(SMALL, root, root, tmp_path / "packs", subset=True)


def test_the_importer_sees_which_layout_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importers, "VAL", SMALL)
    grow_flat(tmp_path / "val", WNIDS)
    devkit(tmp_path, WNIDS)
    assert import_val(tmp_path, tmp_path / "packs").counts() == {"val": 6}


def test_a_part_is_the_same_pack_as_that_of_its_class_folders(tmp_path: Path) -> None:
    root = grow_flat(tmp_path / "val", WNIDS)
    devkit(root, WNIDS)
    for place in ("1", "4"):
        (root / f"ILSVRC2012_val_0000000{place}.JPEG").unlink()
    flat = import_flat(SMALL, root, root, tmp_path / "a", subset=True)
    assert (flat.counts(), flat.official) == ({"val": 4}, False)
    picture(root / "ILSVRC2012_val_00000099.JPEG")
    with pytest.raises(
        ImportProblems, match="1 problem\n  ILSVRC2012_val_00000099: extra; the ground truth has no such"
    ):
        import_flat(SMALL, root, root, tmp_path / "a", subset=True)
    for path, wnid in zip(sorted(root.glob("*.JPEG"))[:-1], (WNIDS[n] for n in (1, 2, 4, 5)), strict=True):
        (tmp_path / "sorted" / wnid).mkdir(parents=True, exist_ok=True)
        path.rename(tmp_path / "sorted" / wnid / path.name)
    assert import_release(SMALL, tmp_path / "sorted", tmp_path / "b", subset=True).fingerprint == flat.fingerprint
