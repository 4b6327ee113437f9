"""The import of COCO with FsDet's split and shots: what a pack holds, and every thing that can be wrong named."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.suites.fsdet import release
from tests.suites.fsdet.release import LAYOUT

from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.suites.fsdet.coco_classes import BASE, NOVEL
from farfield_evaluators.suites.fsdet.data.importer import import_coco

TRAINVAL, FIVE_K = "cocosplit/datasplit/trainvalno5k.json", "cocosplit/datasplit/5k.json"
CROWD, DOG, PERSON, BENCH = {"iscrowd": 1}, 18, 1, 15


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return release.tree(tmp_path / "datasets")


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    folder = tmp_path_factory.mktemp("fsdet")
    return import_coco(release.tree(folder / "datasets"), folder / "packs", layout=LAYOUT)


def problems_of(tree: Path, **options: Any) -> tuple[str, ...]:
    with pytest.raises(ImportProblems) as caught:
        import_coco(tree, tree / "packs", layout=LAYOUT, **options)
    return caught.value.problems


def labels(pack: Pack, name: str) -> list[list[int]]:
    """The labels of each example of a set."""
    column = pack.column("box-labels")
    return [column.of(place).reshape(-1).tolist() for place in pack.members(name).tolist()]


def test_base_images_have_base_annotations_alone(pack: Pack) -> None:
    assert labels(pack, "base") == [list(BASE)] * 4
    assert labels(pack, "test") == [list(range(80))] * 2


def test_a_shot_is_an_example_of_one_annotation(pack: Pack) -> None:
    """FsDet makes a record of each annotation: an image with 20 taken objects is learned from 20 times."""
    assert sorted(labels(pack, "support-2-1")) == [[label] for label in NOVEL for _ in range(2)]
    assert sorted(labels(pack, "support-all-1-0")) == [[label] for label in range(80)]
    ones, twos = (set(pack.members(f"support-{shots}-0").tolist()) for shots in (1, 2))
    assert ones < twos
    assert len(pack.spans) == 4 + 2 + 80 * 2 * 2
    assert len(np.unique(pack.spans, axis=0)) == 6  # equal images lie in the pack once


def test_what_an_example_holds(pack: Pack) -> None:
    place = int(pack.members("support-1-0")[0])
    assert pack.column("size").of(place).tolist() == [[40, 48]]
    assert pack.column("box-area").of(place).tolist() == [[30.5]]
    outline = json.loads(pack.column("masks").of(place).tobytes())
    x, y, w, h = pack.column("boxes").of(place)[0].tolist()
    assert outline == [[x, y, x + w, y, x + w, y + h]]
    assert (pack.classes[0].name, pack.classes[79].name, pack.official) == ("person", "toothbrush", True)


def test_an_image_without_a_single_base_object_is_no_base_image(tree: Path) -> None:
    """As detectron2's loader drops what has only crowds, or nothing."""
    document = release.read(tree / TRAINVAL)
    for each in document["annotations"]:
        each |= CROWD if each["image_id"] == 103 else {}
    release.write(tree / TRAINVAL, document)
    pack = import_coco(tree, tree / "packs", layout=LAYOUT)
    assert labels(pack, "base") == [list(BASE)] * 3


def test_the_folder_above_and_separate_image_folders_will_do(tree: Path) -> None:
    (tree / "coco/trainval2014").rename(tree / "coco/train2014")
    pack = import_coco(tree.parent, tree / "packs", layout=LAYOUT)
    assert len(pack.members("base")) == 4


def edit(path: Path, number: int, **values: Any) -> None:
    """An annotation of a file, by its place."""
    document = release.read(path)
    document["annotations"][number] |= values
    release.write(path, document)


def dog(tree: Path, shot_set: int = 1, shots: int = 2) -> Path:
    return release.shot_path(tree, shot_set, shots, DOG)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"id": 999_999}, "annotation 999999 is none of trainvalno5k.json"),
        ({"id": "x"}, "annotation x is none of trainvalno5k.json"),
        ({"category_id": 17}, "annotation 1018 is of the category 18, and not of 18"),
        ({"image_id": 103}, "annotation 1018 is of the image 101, which the file does not give it"),
        ({"id": 1001}, "annotation 1001 is of the category 1, and not of 18"),
        ({"id": 2018, "image_id": 102}, "annotation 2018 comes twice"),
    ],
)
def test_a_wrong_annotation_of_a_shot_file_is_named(tree: Path, values: dict[str, Any], says: str) -> None:
    edit(dog(tree), 0, **values)
    assert f"seed1/full_box_2shot_dog_trainval.json: {says}" in problems_of(tree)


def test_a_crowd_is_no_shot(tree: Path) -> None:
    edit(tree / TRAINVAL, 1 * 80 + 16, iscrowd=1)
    assert any("annotation 1018 is of a crowd, which is no example" in problem for problem in problems_of(tree))


def test_later_shots_hold_the_earlier_ones(tree: Path) -> None:
    train = release.read(tree / TRAINVAL)
    release.write(dog(tree), release.shots_of(train, DOG, (2, 3)))
    says = "seed1/full_box_2shot_dog_trainval.json lacks 1 of the annotations taken for fewer shots"
    assert problems_of(tree) == (says,)


def test_of_the_first_shot_set_nesting_is_noted_and_not_asked(tree: Path) -> None:
    """It comes from earlier work, whose lists are not nested: refusing them would refuse the release."""
    train = release.read(tree / TRAINVAL)
    release.write(dog(tree, 0), release.shots_of(train, DOG, (2, 3)))
    release.write(dog(tree, 0, 1), release.shots_of(train, DOG, (0, 1)))
    pack = import_coco(tree, tree / "packs", layout=LAYOUT)
    (note,) = pack.notes
    assert note.startswith("shot set 0: 1 files lack annotations that are taken for fewer shots; 1 files have more ann")
    assert sorted(labels(pack, "support-1-0")) == [[label] for label in NOVEL]
    assert import_coco(tree, tree / "again", layout=LAYOUT).fingerprint == pack.fingerprint


@pytest.mark.parametrize(("numbers", "count"), [((1,), 1), ((1, 2, 3), 3)])
def test_as_many_annotations_as_shots(tree: Path, numbers: tuple[int, ...], count: int) -> None:
    release.write(dog(tree), release.shots_of(release.read(tree / TRAINVAL), DOG, numbers))
    assert problems_of(tree) == (f"seed1/full_box_2shot_dog_trainval.json has {count} annotations for 2 shots",)


def test_categories_are_cocos(tree: Path) -> None:
    document = release.read(tree / FIVE_K)
    document["categories"][0]["name"] = "human"
    document["categories"][1]["id"] = 12
    for each in document["annotations"]:
        each["category_id"] = 12 if each["category_id"] == 2 else each["category_id"]
    release.write(tree / FIVE_K, document)
    assert problems_of(tree) == (
        "5k.json: category 1 is 'human', and not 'person'",
        "5k.json: category 2 is None, and not 'bicycle'",
        "5k.json: category 12 is none of COCO's 80",
    )


def test_a_test_image_is_never_trained_on(tree: Path) -> None:
    test, train = release.read(tree / FIVE_K), release.read(tree / TRAINVAL)
    release.change(
        tree / FIVE_K, images=[*test["images"][:1], train["images"][3]], annotations=test["annotations"][:80]
    )
    release.picture(tree / "coco/val2014" / train["images"][3]["file_name"], 103)
    assert problems_of(tree) == ("image 103 is in trainvalno5k.json and in 5k.json",)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"image_id": 7}, "annotation 1 is of no image here: image_id is 7"),
        ({"category_id": 12}, "annotation 1 is of no category here: category_id is 12"),
        ({"bbox": [0, 0, -1, 2]}, "annotation 1 has no bbox of four numbers: x, y, width and height"),
        ({"id": 2}, "annotation 2 has no id of its own"),
        ({"id": None}, "annotation None has no id"),
    ],
)
def test_a_wrong_annotation_of_the_split_is_named(tree: Path, values: dict[str, Any], says: str) -> None:
    edit(tree / TRAINVAL, 0, **values)
    assert f"trainvalno5k.json: {says}" in problems_of(tree)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"file_name": "../x.png"}, "'../x.png': leads out of the folder"),
        ({"height": 0}, "has no height and width in pixels"),
        ({"id": 101}, "image 101 has no id of its own"),
    ],
)
def test_a_wrong_image_of_the_split_is_named(tree: Path, values: dict[str, Any], says: str) -> None:
    document = release.read(tree / TRAINVAL)
    document["images"][0 if "id" not in values else 2] |= values
    release.write(tree / TRAINVAL, document)
    assert any(says in problem for problem in problems_of(tree))


def test_what_is_missing_is_named_and_a_subset_leaves_it_out(tree: Path) -> None:
    (tree / "coco/trainval2014/COCO_train2014_000000000003.png").unlink()
    for key in release.NAMES:
        release.shot_path(tree, 1, 2, key).unlink()
    problems = problems_of(tree)
    assert len(problems) == 81
    assert problems[-1] == "image 103 is not there: COCO_train2014_000000000003.png of trainvalno5k.json"
    pack = import_coco(tree, tree / "packs", layout=LAYOUT, subset=True)
    assert (len(pack.members("base")), pack.official) == (3, False)
    assert pack.notes == ("shot set 1 has no files of 2 shots", "left out: 1 examples whose image is not there")
    with pytest.raises(PackError, match="has no set 'support-2-1'"):
        pack.members("support-2-1")


def test_a_part_of_a_shot_sets_files_is_no_subset(tree: Path) -> None:
    dog(tree).unlink()
    (problem,) = problems_of(tree, subset=True)
    assert "full_box_2shot_dog_trainval.json cannot be read" in problem


def test_the_count_of_test_images_is_the_releases(tree: Path) -> None:
    with pytest.raises(ImportProblems) as caught:
        import_coco(tree, tree / "packs")
    assert "5k.json: 2 images, not 5,000" in caught.value.problems


def test_another_folder_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="has no folder cocosplit/; give the folder that holds coco/ and cocosplit/"):
        import_coco(tmp_path, tmp_path / "packs")
