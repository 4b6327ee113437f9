"""ImageNet's releases of class folders: what is imported, and what is said when something is wrong."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.suites.imagenet.data.trees import colour, few, grow, labels_by_colour, picture, small

from farfield_evaluators.data import imagenet_classes as classes
from farfield_evaluators.data.label_space import subset
from farfield_evaluators.data.packs import PackError, list_packs, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.suites.imagenet.data.folders import import_release
from farfield_evaluators.suites.imagenet.data.official import (
    RELEASES,
    SKETCH,
    STYLIZED,
    TRAIN,
    V2,
    V2_THRESHOLD,
    V2_TOP,
    VAL,
    A,
    R,
)

THREE = ("n01440764", "n01443537", "n15075141")
SMALL = few(VAL, THREE, per_class=2)
SMALL_R = few(R, classes.imagenet_r()[:2])


def problems_of(release, root: Path, tmp_path: Path, *, subset: bool = False) -> list[str]:
    with pytest.raises(ImportProblems) as caught:
        import_release(release, root, tmp_path / "packs", subset=subset)
    assert list_packs(tmp_path / "packs") == []
    assert all(problem in str(caught.value) for problem in caught.value.problems)
    return list(caught.value.problems)


# --- what the releases are -------------------------------------------------------------------------------------------


def test_the_published_counts() -> None:
    assert {r.name.partition("/")[2]: r.counts for r in RELEASES} == {
        "val": (50_000,),
        "train": (1_281_167,),
        "v2": (10_000,),
        "v2-threshold": (10_000,),
        "v2-top-images": (10_000,),
        "r": (30_000,),
        "a": (7_500,),
        "sketch": (50_889, 50_000),
        "stylized": (50_000,),
    }
    assert {r.name: len(r.labels()) for r in RELEASES if len(r.labels()) != 1000} == {
        "imagenet/r": 200,
        "imagenet/a": 200,
    }


def test_exact_counts_and_ranges_agree() -> None:
    for release in RELEASES:
        fewest, most = release.per_class
        assert all(fewest * len(release.labels()) <= total <= most * len(release.labels()) for total in release.counts)


# --- the exact layouts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("release", [VAL, SKETCH, STYLIZED, TRAIN], ids=lambda r: r.name)
def test_a_thousand_wnids_are_numbered_as_sorted(release, tmp_path: Path) -> None:
    root = grow(small(release), tmp_path / release.unpacked_as[0])
    pack = import_release(small(release), tmp_path, tmp_path / "packs")
    assert pack.counts() == {release.set: 1000}
    assert pack.official
    assert pack.label_space(release.set) is None
    found = labels_by_colour(pack, release.set)
    for number, folder in enumerate(sorted(p for p in root.iterdir() if p.name != "packs")):
        assert found[colour(next(folder.iterdir()))] == number
    verify(pack)


def test_v2s_folders_are_numbers_and_not_sorted_as_words(tmp_path: Path) -> None:
    root = grow(small(V2), tmp_path / "imagenetv2-matched-frequency-format-val", ".jpeg")
    found = labels_by_colour(import_release(small(V2), tmp_path, tmp_path / "packs"), "v2")
    assert {found[colour(next((root / str(n)).iterdir()))] for n in (2, 10, 100, 999)} == {2, 10, 100, 999}
    assert all(found[colour(next((root / str(n)).iterdir()))] == n for n in range(1000))
    assert sorted(map(str, range(1000))).index("2") != 2  # what a plain folder reader would give


@pytest.mark.parametrize(("release", "folder"), [(R, "imagenet-r"), (A, "imagenet-a")], ids=["R", "A"])
def test_two_hundred_classes_keep_imagenets_numbers_and_restrict_the_logits(release, folder, tmp_path: Path) -> None:
    root = grow(small(release), tmp_path / folder, ".jpg")
    (root / "README.txt").write_text("as in the release")
    pack = import_release(small(release), tmp_path, tmp_path / "packs")
    numbers = sorted(classes.numbers()[w] for w in release.wnids())
    assert sorted(pack.labels.tolist()) == numbers
    assert len(pack.classes) == 1000
    assert pack.label_space(release.set) == subset(numbers)
    found = labels_by_colour(pack, release.set)
    assert all(found[colour(next((root / w).iterdir()))] == classes.numbers()[w] for w in release.wnids())


def test_importing_again_changes_nothing(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path / "val")
    first = import_release(SMALL, root, tmp_path / "packs")
    again = import_release(SMALL, tmp_path, tmp_path / "packs")
    assert first == again
    assert sorted(p.name for p in first.folder.parent.iterdir()) == sorted(["current", first.fingerprint])


# --- what is wrong is named ------------------------------------------------------------------------------------------


def test_a_class_too_many_and_one_too_few(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path / "val")
    (root / "n01440764").rename(root / "n01484850")
    assert problems_of(SMALL, root, tmp_path) == [
        "class n01440764: missing; expected the folder n01440764",
        "class n01484850: extra; imagenet/val has no such class",
    ]


def test_an_image_too_few_and_one_too_many(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path / "val")
    next((root / "n01440764").iterdir()).unlink()
    picture(root / "n01443537" / "new.jpg")
    assert problems_of(SMALL, root, tmp_path) == [
        "class n01440764: 1 images, not 2; 1 missing",
        "class n01443537: 3 images, not 2; 1 too many",
    ]


def test_a_total_that_no_release_has(tmp_path: Path) -> None:
    release = replace(SMALL_R, counts=(5,), per_class=(1, 9))
    root = grow(SMALL_R, tmp_path / "imagenet-r")
    assert problems_of(release, root, tmp_path) == ["2 images in all, not 5; 3 missing"]


def test_strays_and_unreadable_images(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path / "val")
    (root / "labels.txt").write_text("x")
    (root / "n01440764" / "deep").mkdir()
    assert problems_of(SMALL, root, tmp_path) == [
        "labels.txt: extra; only images in <class>/ belong here",
        "n01440764/deep: extra; only images in <class>/ belong here",
    ]
    (root / "labels.txt").unlink()
    (root / "n01440764" / "deep").rmdir()
    (root / "n01440764" / "n01440764_0.JPEG").write_bytes(b"?")
    broken = root / "n01443537" / "n01443537_1.JPEG"
    broken.write_bytes(broken.read_bytes()[:50])
    first, second = problems_of(SMALL, root, tmp_path)
    read = "read are JPEG, PNG, WEBP, GIF, BMP, PPM"
    assert first == f"n01440764/n01440764_0.JPEG: unreadable: not an image of a known kind; {read}"
    assert second.startswith("n01443537/n01443537_1.JPEG: unreadable: ")


def test_v2_with_wnid_folders_and_val_with_numbers(tmp_path: Path) -> None:
    sorted_by_name = few(V2, THREE[:2])
    root = grow(sorted_by_name, tmp_path / "v2", ".jpeg")
    (root / "1").rename(root / "n01443537")
    hint = "its folders are called 0 to 999, after the classes' numbers"
    assert f"class n01443537: extra; imagenet/v2 has no such class; {hint}" in problems_of(
        sorted_by_name, root, tmp_path
    )
    root = grow(SMALL, tmp_path / "val")
    (root / "n01440764").rename(root / "0")
    assert any("called by wnids" in p for p in problems_of(SMALL, root, tmp_path))


@pytest.mark.parametrize(
    ("make", "said"),
    [(False, "is no folder; give the one with the class folders"), (True, "has none of the class folders")],
)
def test_a_path_that_is_something_else(make: bool, said: str, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere"
    if make:
        path.mkdir()
    with pytest.raises(PackError, match=said):
        import_release(VAL, path, tmp_path / "packs")


@pytest.mark.parametrize(
    "folder", ["imagenetv2-top-images-format-val", "imagenetv2-threshold0.7-format-val", "imagenetv2_top_images"]
)
def test_another_variant_of_v2_has_the_same_layout_and_is_told_by_its_name(folder: str, tmp_path: Path) -> None:
    own = next((each for each in (V2_THRESHOLD, V2_TOP) if folder in each.unpacked_as), None)
    if own:
        grown = grow(few(own, THREE[:2]), tmp_path / "own" / folder, ".jpeg")
        assert import_release(few(own, THREE[:2]), grown, tmp_path / "packs").official
    release = few(V2, THREE[:2])
    root = grow(release, tmp_path / folder, ".jpeg")
    with pytest.raises(PackError, match=r"another variant than imagenet/v2; give imagenetv2-matched-frequency-format-"):
        import_release(release, root, tmp_path / "packs", subset=True)
    (tmp_path / "v2").symlink_to(root)
    with pytest.raises(PackError, match="its name says "):
        import_release(release, tmp_path / "v2", tmp_path / "packs", subset=True)
    assert import_release(release, root.rename(tmp_path / "mine"), tmp_path / "packs").official


# --- a part of a release ---------------------------------------------------------------------------------------------


def test_a_part_is_marked_and_compares_with_nothing_else(tmp_path: Path) -> None:
    root = grow(SMALL, tmp_path / "val")
    whole = import_release(SMALL, root, tmp_path / "packs", subset=True)
    assert whole.official
    next((root / "n01440764").iterdir()).unlink()
    part = import_release(SMALL, root, tmp_path / "packs", subset=True)
    assert not part.official
    assert part.fingerprint != whole.fingerprint
    picture(root / "n99999999" / "x.jpg")
    with pytest.raises(ImportProblems, match="class n99999999: extra"):
        import_release(SMALL, root, tmp_path / "packs", subset=True)
    with pytest.raises(ImportProblems, match="no image"):
        import_release(SMALL, _empty(tmp_path / "empty" / "n01440764").parent, tmp_path / "packs", subset=True)


def test_a_part_has_no_more_images_than_the_largest_release(tmp_path: Path) -> None:
    release = replace(SMALL_R, counts=(5, 4), per_class=(1, 9))
    root = grow(SMALL_R, tmp_path / "imagenet-r")
    for n in range(3):
        assert import_release(release, root, tmp_path / "packs", subset=True).official == (n == 2)
        picture(root / SMALL_R.wnids()[0] / f"{n}.jpg")
    assert import_release(release, root, tmp_path / "packs").official
    picture(root / SMALL_R.wnids()[0] / "one more.jpg")
    for part in (False, True):
        said = problems_of(release, root, tmp_path / "new", subset=part)
        assert said == ["6 images in all, not 5 or 4; 1 too many"]


def test_a_part_between_two_official_totals_is_a_part(tmp_path: Path) -> None:
    release = replace(SMALL_R, counts=(9, 1), per_class=(1, 9))
    root = grow(SMALL_R, tmp_path / "imagenet-r")
    assert not import_release(release, root, tmp_path / "packs", subset=True).official
    assert problems_of(release, root, tmp_path / "new") == ["2 images in all, not 9 or 1; 1 too many"]


def _empty(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
