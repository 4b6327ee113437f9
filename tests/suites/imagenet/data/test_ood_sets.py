"""OpenOOD's image lists and the four classic far sets."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.suites.imagenet.data.trees import (
    LISTS,
    OF_R,
    SHIFTED,
    SMALL_FULL_SPECTRUM,
    SMALL_LISTS,
    SMALL_VAL,
    colour,
    grow,
    labels_by_colour,
    openood,
    picture,
    train_pack,
    write_list,
)

from farfield_evaluators.catalog import find
from farfield_evaluators.data import imagenet_classes as classes
from farfield_evaluators.data.image_lists import import_lists
from farfield_evaluators.data.packs import Pack, PackError, list_packs, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.evaluate import evaluate
from farfield_evaluators.staging import stage
from farfield_evaluators.suites.imagenet.data import classic, image_lists
from farfield_evaluators.suites.imagenet.data.classic import FarSet, import_classic
from farfield_evaluators.suites.imagenet.data.folders import import_release
from farfield_evaluators.suites.imagenet.data.image_lists import (
    FULL_SPECTRUM,
    IMAGENET_200,
    NEAR_FAR,
    WITH_ES,
    of_200,
    renumbered,
)
from farfield_evaluators.suites.imagenet.data.official import TRAIN, V2, R
from farfield_evaluators.suites.openood.benchmarks import (
    OOD_DETECTION,
    OOD_DETECTION_CLASSIC,
    OOD_DETECTION_FULL_SPECTRUM,
)


def lists_imported(root: Path, **options: object) -> Pack:
    if not (root / "packs").exists():
        train_pack(root)
    return import_lists(SMALL_LISTS, root, root / "packs", **options)


def lists_problems(root: Path, **options: object) -> tuple[str, ...]:
    with pytest.raises(ImportProblems) as caught:
        lists_imported(root, **options)
    assert [p.name for p in list_packs(root / "packs")] == ["imagenet/train"]
    return caught.value.problems


def perfect(benchmark, pack: Pack, folder: Path) -> dict[tuple[str, str], float]:
    """The scores of a detector and classifier that are always right."""
    truth = stage(benchmark, pack, folder, None)
    logits = np.zeros((len(truth), truth.classes), np.float32)
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
        "test_ninco.txt: missing; it is the list of near/ninco",
        "class 7: 2 images in the ID lists, not 3; 1 missing",
        "val_imagenet.txt line 8: imagenet_1k/val/ILSVRC2012_val__00000007.JPEG: label 1000 is not from 0 to 999",
        "test_ssb_hard.txt line 2: ../secret.jpg: leads out of the folder of images",
        "test_ssb_hard.txt line 3: no-label: is not `relpath label`",
        f"test_inaturalist.txt line 2: {far[1].rpartition(' ')[0]}: missing in images_largescale",
        "test_ssb_hard.txt: 4 images, not 3; 1 too many",
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
        import_lists(NEAR_FAR, tmp_path, tmp_path / "packs")


@pytest.fixture(scope="module")
def refused_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OpenOOD's data folder, from which nothing is imported."""
    return openood(tmp_path_factory.mktemp("refused"))


@pytest.fixture
def miswritten(refused_home: Path) -> Iterator[Path]:
    """The same folder; what a test writes into its lists is undone after it."""
    folder = refused_home / "benchmark_imglist" / "imagenet"
    whole = {file: file.read_bytes() for file in folder.iterdir()}
    yield refused_home
    for file, content in whole.items():
        file.write_bytes(content)


@pytest.mark.parametrize("label", ["--5", "5-", "\u0665", "9" * 5000, "1.0", "+1"])
def test_a_label_that_is_no_number_is_named(miswritten: Path, label: str) -> None:
    for name in ("val_imagenet.txt", "test_ninco.txt"):
        file = miswritten / "benchmark_imglist" / "imagenet" / name
        where, _, _ = file.read_text().partition("\n")[0].rpartition(" ")
        file.write_text(
            file.read_text().replace(f"{where} ", f"{where} {label}#", 1).replace("#0", "").replace("#-1", "")
        )
    found = lists_problems(miswritten)
    assert [p.partition(":")[0] for p in found if "is not `relpath label`" in p] == [
        "val_imagenet.txt line 1",
        "test_ninco.txt line 1",
    ]


def test_a_name_that_no_file_can_have_is_missing(miswritten: Path) -> None:
    file = miswritten / "benchmark_imglist" / "imagenet" / "test_ninco.txt"
    file.write_text(f"{'x' * 300}.jpg -1\n" + file.read_text().partition("\n")[2])
    assert f"test_ninco.txt line 1: {'x' * 300}.jpg: missing in images_largescale" in lists_problems(miswritten)


def test_a_mark_before_the_first_line_is_no_part_of_it(tmp_path: Path) -> None:
    root = openood(tmp_path)
    for file in (root / "benchmark_imglist" / "imagenet").iterdir():
        file.write_text(file.read_text(), encoding="utf-8-sig")
    assert lists_imported(root).official


def test_what_is_too_many_is_refused_in_a_part_too(tmp_path: Path) -> None:
    root = openood(tmp_path)
    folder = root / "benchmark_imglist" / "imagenet"
    for name in ("test_ninco.txt", "val_imagenet.txt"):
        where, label = ("imagenet_1k/val/more.JPEG", 5) if name.startswith("val") else ("ninco/more.jpg", -1)
        picture(root / "images_largescale" / where)
        (folder / name).write_text((folder / name).read_text() + f"{where} {label}\n")
    (folder / "test_ssb_hard.txt").unlink()
    assert lists_problems(root, subset=True) == (
        "val_imagenet.txt: 1,001 images, not 1,000; 1 too many",
        "test_ninco.txt: 3 images, not 2; 1 too many",
        "class 5: 4 images in the ID lists, not 3; 1 too many",
    )


# --- full-spectrum ---------------------------------------------------------------------------------------------------


def shifted_imported(root: Path, **options: object) -> Pack:
    if not (root / "packs").exists():
        train_pack(root)
    return import_lists(SMALL_FULL_SPECTRUM, root, root / "packs", **options)


def test_the_lists_of_the_full_spectrum() -> None:
    more = {n: (s.file, s.count) for n, s in FULL_SPECTRUM.sets.items() if n not in image_lists.SETS}
    assert more == {
        "shift/v2": ("test_imagenet_v2.txt", 10_000),
        "shift/c": ("test_imagenet_c.txt", 10_000),
        "shift/r": ("test_imagenet_r.txt", 30_000),
    }
    assert {n: s for n, s in FULL_SPECTRUM.sets.items() if n not in more} == dict(image_lists.SETS)
    assert [d.role for d in OOD_DETECTION_FULL_SPECTRUM.domains].count("shift") == 3
    assert {d.set for d in OOD_DETECTION_FULL_SPECTRUM.domains} == {n for n in FULL_SPECTRUM.sets if "val" not in n}


@pytest.fixture(scope="module")
def shifted_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return openood(tmp_path_factory.mktemp("shifted"), SMALL_FULL_SPECTRUM)


@pytest.fixture(scope="module")
def shifted_pack(shifted_home: Path) -> Pack:
    return shifted_imported(shifted_home)


def test_shifted_images_are_of_imagenets_classes(shifted_pack: Pack, tmp_path: Path) -> None:
    pack = shifted_pack
    assert pack.official
    assert pack.counts() == {**{n: s.count for n, s in SMALL_FULL_SPECTRUM.sets.items()}, "train": 4}
    labels = {name: sorted(pack.labels[pack.members(f"shift/{name}")].tolist()) for name in ("v2", "c", "r")}
    assert labels == {"v2": [9, 10], "c": [7, 8], "r": sorted(classes.numbers()[wnid] for wnid in OF_R)}
    sides = {name: set(pack.prepared_sides(pack.members(name)).tolist()) for name in ("id/test", "shift/c", "shift/r")}
    assert sides == {"id/test": {0}, "shift/c": {224}, "shift/r": {0}}
    verify(pack)
    found = perfect(OOD_DETECTION_FULL_SPECTRUM, pack, tmp_path / "in")
    assert {found[c.metric, c.domain] for c in OOD_DETECTION_FULL_SPECTRUM.columns} == {0, 1}
    assert found["auroc-full-spectrum", "near"] == found["auroc-full-spectrum", "ninco"] == 1


def test_the_other_benchmarks_pack_is_what_it_was(shifted_home: Path, shifted_pack: Pack) -> None:
    alone = lists_imported(shifted_home)
    assert set(alone.sets) == set(shifted_pack.sets) - SHIFTED.keys()
    assert alone.prepared == ()
    assert "shift/c" not in alone.counts()


def test_shifted_id_that_a_detector_takes_for_ood_costs_the_full_spectrum_alone(
    shifted_pack: Pack, tmp_path: Path
) -> None:
    truth = stage(OOD_DETECTION_FULL_SPECTRUM, shifted_pack, tmp_path / "in", None)
    shifted = np.isin(truth.domains, [1, 2, 3])
    scores = np.where(shifted, -1.0, (truth.labels >= 0).astype(np.float64))
    arrays = {"scores": scores, "logits": np.zeros((len(truth), 1000), np.float32)}
    found = {(s.metric, s.domain): s.value for s in evaluate(OOD_DETECTION_FULL_SPECTRUM, truth, arrays)}
    id_images = LISTS["id/test"].count
    assert found["auroc", "near"] == found["auroc", "far"] == 1
    assert found["auroc-full-spectrum", "near"] == pytest.approx(id_images / (id_images + 6))
    assert found["auroc-full-spectrum", "far"] == pytest.approx(id_images / (id_images + 6))


def test_a_shifted_images_label_must_be_its_folders(tmp_path: Path) -> None:
    root = openood(tmp_path, SMALL_FULL_SPECTRUM)
    wrong = f"imagenet_r/{OF_R[0]}/art_0.jpg"
    picture(root / "images_largescale" / "imagenet_r" / "n01440764" / "art_1.jpg")
    write_list(root, SHIFTED["shift/r"], [(wrong, 3), ("imagenet_r/n01440764/art_1.jpg", 0)])
    picture(root / "images_largescale" / "imagenet_v2" / "v2.jpeg")
    write_list(root, SHIFTED["shift/v2"], [("imagenet_v2/v2.jpeg", 3), (f"imagenet_v2/9/{1:040x}.jpeg", -1)])
    picture(root / "images_largescale" / "imagenet_c" / "fog" / "1" / "ILSVRC2012_val_00000000.JPEG", (256, 256))
    train_pack(root)
    with pytest.raises(ImportProblems) as caught:
        shifted_imported(root)
    assert caught.value.problems == (
        "test_imagenet_v2.txt line 1: imagenet_v2/v2.jpeg: label 3 is not that of the folder imagenet_v2",
        f"test_imagenet_v2.txt line 2: imagenet_v2/9/{1:040x}.jpeg: label -1 is not from 0 to 999",
        f"test_imagenet_r.txt line 1: {wrong}: label 3 is not that of the folder {OF_R[0]}",
        "test_imagenet_r.txt line 2: imagenet_r/n01440764/art_1.jpg: label 0 is not that of the folder n01440764",
    )
    write_list(root, SHIFTED["shift/r"], [])
    write_list(root, SHIFTED["shift/v2"], [])
    with pytest.raises(ImportProblems, match="256 x 256 pixels, not the release's 224 x 224"):
        shifted_imported(root, subset=True)


# --- the classic four ------------------------------------------------------------------------------------------------

CLASSIC = {
    "far/inaturalist": FarSet(folders=("iNaturalist/images",), count=2),
    "far/sun": FarSet(folders=("SUN/images",), count=2),
    "far/places": FarSet(folders=("Places/images",), count=2),
    "far/textures": FarSet(folders=("dtd/images",), count=4, textures=("banded", "waffled")),
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
    assert len(set(classic.SETS["far/textures"].textures)) == 47
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
    (root / "ood" / "dtd" / "images" / "banded" / "banded_0.jpg").unlink()
    (root / "ood" / "dtd" / "README").write_text("beside the images")
    with pytest.raises(ImportProblems) as caught:
        classic_imported(root)
    assert caught.value.problems == (
        "far/sun: missing; expected the folder SUN/images",
        "far/places: 1 images, not 2; 1 missing",
        "far/textures: banded: 1 images, not 2; 1 missing",
        "far/places: notes.txt: extra; only images belong here",
    )
    (root / "ood" / "Places" / "images" / "notes.txt").unlink()
    assert not classic_imported(root, subset=True).official


def test_what_is_too_many_in_the_four_is_refused_in_a_part_too(tmp_path: Path) -> None:
    root = four(tmp_path)
    images = root / "ood" / "dtd" / "images"
    picture(root / "ood" / "SUN" / "images" / "2.jpg")
    picture(images / "cracked" / "cracked_0.jpg")
    picture(images / "banded" / "banded_2.jpg")
    picture(images / "banded" / "more" / "banded_3.jpg")
    (images / "README").write_text("not in the release")
    with pytest.raises(ImportProblems) as caught:
        classic_imported(root, subset=True)
    assert caught.value.problems == (
        "far/sun: 3 images, not 2; 1 too many",
        "far/textures: README: extra; only images belong here",
        "far/textures: banded/more: extra; only images belong here",
        "far/textures: cracked: extra; DTD has no such texture",
        "far/textures: banded: 3 images, not 2; 1 too many",
    )


def test_the_classic_four_need_val_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="is no folder; give the one with iNaturalist, SUN, Places and dtd in it"):
        import_classic(tmp_path / "x", tmp_path / "packs")
    with pytest.raises(PackError, match="pack 'imagenet/val' is not imported here"):
        import_classic(tmp_path, tmp_path / "packs")


# --- ImageNet-200 and ImageNet-ES ------------------------------------------------------------------------------------


def test_the_200_classes_are_numbered_anew() -> None:
    """Lines of the released lists: folder and label in those of 1000 and of 200 classes."""
    assert [renumbered(V2)[folder] for folder in ("483", "617")] == [132, 147]
    assert (R.labels()["n02607072"], renumbered(R)["n02607072"]) == (393, 110)
    assert len(renumbered(V2)) == len(renumbered(R)) == len(renumbered(TRAIN)) == len(of_200()) == 200
    assert "0" not in renumbered(V2)


def test_the_lists_of_imagenet_200() -> None:
    counts = {name: one.count for name, one in IMAGENET_200.sets.items()}
    assert {name: counts.pop(name) for name in image_lists.OOD} == {n: s.count for n, s in image_lists.OOD.items()}
    shifted = {"shift/v2": 2_000, "shift/c": 2_000, "shift/r": 30_000}
    assert counts == {"train": None, "id/test": 9_000, "id/val": 1_000, **shifted}


def test_a_part_of_imagenet_200(tmp_path: Path) -> None:
    wnid = classes.imagenet_r()[132]
    rows = {
        "train": (f"imagenet_1k/train/{wnid}/{wnid}_1.JPEG", 132),
        "id/test": ("imagenet_1k/val/ILSVRC2012_val_00009034.JPEG", 0),
        "shift/v2": ("imagenet_v2/483/f9.jpeg", 132),
        "shift/r": (f"imagenet_r/{wnid}/art_11.jpg", 132),
        "near/ninco": ("ninco/x/x_1.jpeg", -1),
    }
    for name, row in rows.items():
        picture(tmp_path / "images_largescale" / row[0])
        write_list(tmp_path, IMAGENET_200.sets[name], [row], IMAGENET_200.folder)
    pack = import_lists(IMAGENET_200, tmp_path, tmp_path / "packs", subset=True)
    assert {name: pack.labels[pack.members(name)].tolist() for name in rows} == {n: [r[1]] for n, r in rows.items()}
    assert pack.classes[132].synsets == (wnid,)
    assert pack.notes == ("train_imagenet200.txt: how many lines it has is not known here",)
    write_list(tmp_path, IMAGENET_200.sets["shift/v2"], [("imagenet_v2/483/f9.jpeg", 131)], IMAGENET_200.folder)
    with pytest.raises(ImportProblems, match="label 131 is not that of the folder 483"):
        import_lists(IMAGENET_200, tmp_path, tmp_path / "packs", subset=True)


def test_imagenet_es_is_a_fourth_shifted_set(tmp_path: Path) -> None:
    train_pack(tmp_path)
    for name, row in {"shift/es": ("imagenet_es/1.JPEG", 7), "near/ninco": ("ninco/x/x_1.jpeg", -1)}.items():
        picture(tmp_path / "images_largescale" / row[0])
        write_list(tmp_path, WITH_ES.sets[name], [row])
    pack = import_lists(WITH_ES, tmp_path, tmp_path / "packs", subset=True)
    assert pack.labels[pack.members("shift/es")].tolist() == [7]
    board = find("ood-detection/imagenet-full-spectrum-es")
    assert {domain.set for domain in board.domains} == {name for name in WITH_ES.sets if "val" not in name}
