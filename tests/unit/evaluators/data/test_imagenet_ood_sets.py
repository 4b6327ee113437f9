"""OpenOOD's image lists and the four classic far sets."""

from pathlib import Path

import numpy as np
import pytest
from tests.unit.evaluators.data.imagenet_trees import (
    LISTS,
    PER_CLASS,
    SMALL_VAL,
    colour,
    grow,
    labels_by_colour,
    openood,
    picture,
    train_pack,
)

from farfield_evaluators.benchmarks.imagenet import OOD_DETECTION, OOD_DETECTION_CLASSIC
from farfield_evaluators.data.imagenet import classic, image_lists
from farfield_evaluators.data.imagenet.classic import FarSet, import_classic
from farfield_evaluators.data.imagenet.folders import import_release
from farfield_evaluators.data.imagenet.image_lists import import_lists
from farfield_evaluators.data.imagenet.problems import ImportProblems
from farfield_evaluators.data.packs import Pack, PackError, list_packs, verify
from farfield_evaluators.evaluate import evaluate
from farfield_evaluators.staging import stage


def lists_imported(root: Path, **options: object) -> Pack:
    if not (root / "packs").exists():
        train_pack(root)
    return import_lists(root, root / "packs", sets=LISTS, per_class=PER_CLASS, **options)


def lists_problems(root: Path) -> tuple[str, ...]:
    with pytest.raises(ImportProblems) as caught:
        lists_imported(root)
    assert [p.name for p in list_packs(root / "packs")] == ["imagenet/train"]
    return caught.value.problems


def perfect(benchmark, pack: Pack, folder: Path) -> dict[tuple[str, str], float]:
    """The scores of a detector and classifier that are always right."""
    truth = stage(benchmark, pack, folder, None)
    logits = np.zeros((len(truth), 1000), np.float32)
    logits[np.arange(len(truth)), np.maximum(truth.labels, 0)] = 1
    predictions = {"scores": (truth.labels >= 0).astype(np.float32), "logits": logits}
    return {(s.metric, s.domain): s.value for s in evaluate(benchmark, truth, predictions)}


# --- OpenOOD ---------------------------------------------------------------------------------------------------------


def test_the_lists_of_the_release() -> None:
    assert {name: spec.count for name, spec in image_lists.SETS.items()} == {
        "id/test": 45_000,
        "id/val": 5_000,
        "near/ssb_hard": 49_000,
        "near/ninco": 5_879,
        "far/inaturalist": 10_000,
        "far/textures": 5_160,
        "far/openimage_o": 15_869,
        "val/openimage_o": 1_763,
    }
    assert {d.set for d in OOD_DETECTION.domains} <= image_lists.SETS.keys()


@pytest.fixture(scope="module")
def lists_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = openood(tmp_path_factory.mktemp("openood"))
    lists_imported(root)
    return root


def test_what_the_lists_name_is_imported_and_nothing_else(lists_home: Path, tmp_path: Path) -> None:
    picture(lists_home / "images_largescale" / "ninco" / "unlisted.jpg")
    pack = lists_imported(lists_home)
    assert pack.counts() == {**{name: spec.count for name, spec in LISTS.items()}, "train": 4}
    for name in LISTS:
        assert (pack.labels[pack.members(name)] < 0).all() == (not name.startswith("id/"))
    found = labels_by_colour(pack, "id/val")
    first = lists_home / "images_largescale" / "imagenet_1k" / "val" / "ILSVRC2012_val__00000007.JPEG"
    assert found[colour(first)] == 7
    assert pack.official
    assert perfect(OOD_DETECTION, pack, tmp_path / "in")["auroc", "near"] == 1
    verify(pack)


def test_textures_lie_in_the_other_folder(tmp_path: Path) -> None:
    root = openood(tmp_path)
    assert (root / "images_classic" / "textures").is_dir()
    (root / "images_classic" / "textures").rename(root / "images_largescale" / "textures")
    assert any("missing in images_classic" in p for p in lists_problems(root))
    (root / "images_classic").rmdir()
    assert lists_imported(root).counts()["far/textures"] == 2


def test_every_line_that_is_wrong_is_named(tmp_path: Path) -> None:
    root = openood(tmp_path)
    folder = root / "benchmark_imglist" / "imagenet"
    near = folder / "test_ssb_hard.txt"
    lines = near.read_text().splitlines()
    near.write_text("\n".join([lines[0], "../secret.jpg -1", "no-label", lines[0]]) + "\n\n")
    (folder / "test_ninco.txt").unlink()
    far = (folder / "test_inaturalist.txt").read_text().splitlines()
    (root / "images_largescale" / far[1].rpartition(" ")[0]).unlink()
    (folder / "test_openimage_o.txt").write_text((folder / "val_openimage_o.txt").read_text())
    val = folder / "val_imagenet.txt"
    val.write_text(val.read_text().replace("00000007.JPEG 7\n", "00000007.JPEG 1000\n"))
    shared = [line.rpartition(" ")[0] for line in (folder / "val_openimage_o.txt").read_text().splitlines()]
    assert lists_problems(root) == (
        "test_ssb_hard.txt: 4 images, not 3; 1 too many",
        "test_ninco.txt: missing; it is the list of near/ninco",
        "class 7: 2 images in the ID lists, not 3; 1 missing",
        "val_imagenet.txt line 8: imagenet_1k/val/ILSVRC2012_val__00000007.JPEG: label 1000 is not from 0 to 999",
        "test_ssb_hard.txt line 2: ../secret.jpg: leads out of the folder of images",
        "test_ssb_hard.txt line 3: no-label: is not `relpath label`",
        f"test_inaturalist.txt line 2: {far[1].rpartition(' ')[0]}: missing in images_largescale",
        "near/ssb_hard: 1 images are listed twice",
        *(f"{where}: is listed in far/openimage_o and in val/openimage_o" for where in shared),
    )


def test_a_part_and_an_unreadable_image(tmp_path: Path) -> None:
    root = openood(tmp_path)
    (root / "benchmark_imglist" / "imagenet" / "test_ninco.txt").unlink()
    pack = lists_imported(root, subset=True)
    assert (pack.official, "near/ninco" in pack.sets) == (False, False)
    next((root / "images_largescale" / "ssb_hard" / "n01").iterdir()).write_bytes(b"?")
    with pytest.raises(ImportProblems, match="unreadable: not an image"):
        lists_imported(root, subset=True)


def test_a_folder_without_lists(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="has no folder benchmark_imglist/imagenet; give OpenOOD's data folder"):
        import_lists(tmp_path, tmp_path / "packs")


# --- the classic four ------------------------------------------------------------------------------------------------

CLASSIC = {
    "far/inaturalist": FarSet(folders=("iNaturalist/images",), count=2),
    "far/sun": FarSet(folders=("SUN/images",), count=2),
    "far/places": FarSet(folders=("Places/images",), count=2),
    "far/textures": FarSet(folders=("dtd/images",), count=4, textures=2),
}


def four(root: Path) -> Path:
    """The four folders, and the pack of the ID images."""
    import_release(SMALL_VAL, grow(SMALL_VAL, root / "val"), root / "packs")
    train_pack(root)
    for name in ("iNaturalist", "SUN", "Places"):
        for n in range(2):
            picture(root / "ood" / name / "images" / f"{n}.jpg")
    for texture in ("banded", "waffled"):
        for n in range(2):
            picture(root / "ood" / "dtd" / "images" / texture / f"{texture}_{n}.jpg")
    (root / "ood" / "dtd" / "images" / "waffled" / ".directory").write_text("in the release")
    return root


def classic_imported(root: Path, **options: object) -> Pack:
    return import_classic(root / "ood", root / "packs", sets=CLASSIC, **options)


def test_the_four_sets_of_the_release() -> None:
    assert {name: spec.count for name, spec in classic.SETS.items()} == {
        "far/inaturalist": 10_000,
        "far/sun": 10_000,
        "far/places": 10_000,
        "far/textures": 47 * 120,
    }
    assert {d.set for d in OOD_DETECTION_CLASSIC.domains} == {"id/val", *classic.SETS}


def test_four_far_sets_against_val(tmp_path: Path) -> None:
    pack = classic_imported(four(tmp_path))
    counts = {"far/inaturalist": 2, "far/places": 2, "far/sun": 2, "far/textures": 4, "id/val": 2, "train": 4}
    assert pack.counts() == counts
    assert sorted(pack.labels[pack.members("id/val")].tolist()) == [0, 1]
    assert set(pack.labels[pack.members("far/textures")].tolist()) == {-1}
    assert pack.official
    scores = perfect(OOD_DETECTION_CLASSIC, pack, tmp_path / "in")
    assert (scores["auroc", "far"], scores["fpr95", "far"], scores["accuracy", "id"]) == (1, 0, 1)
    verify(pack)


def test_what_the_four_lack_is_named(tmp_path: Path) -> None:
    root = four(tmp_path)
    (root / "ood" / "SUN").rename(root / "ood" / "sun397")
    (root / "ood" / "Places" / "images" / "1.jpg").rename(root / "ood" / "Places" / "images" / "notes.txt")
    picture(root / "ood" / "dtd" / "images" / "cracked" / "cracked_0.jpg")
    with pytest.raises(ImportProblems) as caught:
        classic_imported(root)
    assert caught.value.problems == (
        "far/sun: missing; expected the folder SUN/images",
        "far/places: 1 images, not 2; 1 missing",
        "far/textures: 3 textures, not 2; 1 too many",
        "far/textures: 5 images, not 4; 1 too many",
        "far/places: notes.txt: extra; only images belong here",
    )
    (root / "ood" / "Places" / "images" / "notes.txt").unlink()
    assert not classic_imported(root, subset=True).official


def test_the_classic_four_need_val_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="is no folder; give the one with iNaturalist, SUN, Places and dtd in it"):
        import_classic(tmp_path / "x", tmp_path / "packs")
    with pytest.raises(PackError, match="pack 'imagenet/val' is not imported here"):
        import_classic(tmp_path, tmp_path / "packs")
