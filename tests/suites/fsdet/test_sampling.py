"""Shots by FsDet's rules: its own draws, what holds of every draw, and where its script would never end."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.suites.fsdet import release

from farfield.cli import main
from farfield_evaluators.suites.fsdet.data.importer import import_coco
from farfield_evaluators.suites.fsdet.sampling import Draw, SamplingError, draw

SHOTS = (1, 2, 3, 5, 10, 30)
# Images 1 to 40, of which image j has (j mod 3) + 1 objects of class 1, and as many of class 2: the images that
# FsDet's prepare_coco_few_shot took, with Python 3.11.
GOLDEN = {
    (1, 1): [[9], [9, 39], [9, 39, 18], [9, 39, 18, 7], [9, 39, 18, 7, 1, 25, 15]],
    (1, 2): [[27], [27, 12], [27, 12, 36], [27, 12, 36, 33, 24], [27, 12, 36, 33, 24, 3, 20, 15]],
    (2, 1): [[6], [6, 24], [6, 24, 39], [6, 24, 39, 28], [6, 24, 39, 28, 35, 33, 18]],
    (2, 2): [[30], [30, 18], [30, 18, 33], [30, 18, 33, 37], [30, 18, 33, 37, 15, 21, 11]],
}


def images(first: int) -> dict[int, list[int]]:
    """Annotations by image, numbered on from the first."""
    numbers = iter(range(first, first + 1000))
    return {image: [next(numbers) for _ in range(image % 3 + 1)] for image in range(1, 41)}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_draws_are_fsdets(seed: int) -> None:
    drawn = list(draw({1: images(0), 2: images(500)}, SHOTS, seed))
    assert [(key, each.shots) for key, each in drawn] == [(key, shots) for key in (1, 2) for shots in SHOTS]
    for key in (1, 2):
        assert [list(each.images) for of, each in drawn if of == key][:5] == GOLDEN[seed, key]


@given(st.lists(st.integers(1, 3), min_size=12, max_size=30), st.integers(0, 50))
def test_every_draw_keeps_the_rules(counts: list[int], seed: int) -> None:
    numbers = iter(range(1000))
    of_class = {image: [next(numbers) for _ in range(count)] for image, count in enumerate(counts)}
    try:
        drawn = [each for _, each in draw({3: of_class}, (1, 2, 5), seed)]
    except SamplingError:
        assert 1 not in counts or sum(counts) < 5 or sum(count == 1 for count in counts) < 5
        return
    for each in drawn:
        assert len(each.annotations) == each.shots
        assert list(each.annotations) == [a for image in each.images for a in of_class[image]]
    assert all(few.images == more.images[: len(few.images)] for few, more in pairwise(drawn))


@pytest.mark.parametrize(
    ("counts", "shots", "says"),
    [
        ([3, 3, 3], (1,), "class 7, 1 shots, seed 4: 0 are taken, and no image fits the 1 that are missing"),
        ([3, 3, 4], (1,), "1 that are missing: every other image has 3 or more"),
        ([2, 2, 2], (2, 3), "class 7, 3 shots, seed 4: 2 are taken, and no image fits the 1 that are missing"),
        ([1, 1, 1], (5,), "class 7, 5 shots, seed 4: 3 images have objects of the class"),
        ([], (1,), "class 7, 1 shots, seed 4: 0 images have objects of the class"),
    ],
)  # fmt: skip
def test_where_the_script_never_ends_it_is_said(counts: list[int], shots: tuple[int, ...], says: str) -> None:
    of_class = {image: list(range(count)) for image, count in enumerate(counts)}
    with pytest.raises(SamplingError) as caught:
        list(draw({7: of_class}, shots, 4))
    assert says in str(caught.value)


def test_all_images_may_be_taken() -> None:
    ((_, only),) = draw({1: {5: [0], 6: [1]}}, (2,), 0)
    assert only == Draw(shots=2, annotations=only.annotations, images=only.images)
    assert sorted(only.images) == [5, 6]


def sample(file: Path, folder: Path, *more: str) -> int:
    return main(["data", "sample-shots", str(file), str(folder), *more])


def test_the_command_writes_what_the_import_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The files of seed 1 of a tree are drawn anew, and the tree is imported with them."""
    tree = release.tree(tmp_path / "datasets")
    for path in (tree / "cocosplit/seed1").iterdir():
        path.unlink()
    (tree / "cocosplit/seed1").rmdir()
    file = tree / "cocosplit/datasplit/trainvalno5k.json"
    assert sample(file, tree / "cocosplit", "--seed", "1", "--shots", "1", "--shots", "2") == 0
    assert capsys.readouterr().out == f"{tree / 'cocosplit/seed1'}: 160 files\n"
    drawn = release.read(tree / "cocosplit/seed1/full_box_2shot_dog_trainval.json")
    assert list(drawn) == ["info", "licenses", "images", "annotations", "categories"]
    assert drawn["annotations"][0] in release.read(file)["annotations"]
    pack = import_coco(tree, tree / "packs", layout=release.LAYOUT)
    assert len(pack.members("support-2-1")) == 40


CROWD = {"id": 3, "image_id": 1, "category_id": 5, "iscrowd": 1}


def made(**changes: Any) -> dict[str, Any]:
    """A file of two images and one class."""
    whole = {
        "images": [{"id": 1}, {"id": 2}],
        "annotations": [{"id": n, "image_id": n, "category_id": 5, "iscrowd": 0} for n in (1, 2)],
        "categories": [{"id": 5, "name": "kite"}],
    }
    return {**whole, **changes}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"categories": [{"id": 5, "name": "a/b"}]}, "every category needs an id and a name of its own"),
        ({"categories": [{"id": 5, "name": "a"}, {"id": 6, "name": "a"}]}, "every category needs an id and a name"),
        ({"categories": []}, "every category needs an id and a name"),
        ({"categories": [{"id": 6, "name": "a"}]}, "annotations are of the category 5, which the file does not have"),
        ({"images": [{"id": 1}]}, "annotations are of the image 2, which the file does not have"),
        ({"images": [{"id": 1}, {"id": 1}]}, "image 1 has no id of its own"),
        ({"annotations": [{"id": 3, "image_id": 1}]}, "annotation 3 has no image_id and category_id"),
        ({"annotations": [CROWD]}, "0 images have objects of the class"),
        ({}, "class 5, 3 shots, seed 1: 2 images have objects of the class"),
        ({}, "as many as shots are drawn at once (5 is 'kite')"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_of_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], says: str
) -> None:
    (tmp_path / "a.json").write_text(json.dumps(made(**changes)))
    assert sample(tmp_path / "a.json", tmp_path / "out", "--seed", "1", "--shots", "3") == 1
    assert says in capsys.readouterr().err
    assert not (tmp_path / "out" / "seed1").exists()


def test_files_of_before_are_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.json").write_text(json.dumps(made()))
    options = ("--seed", "3", "--shots", "1")
    assert [sample(tmp_path / "a.json", tmp_path / "out", *options) for _ in range(2)] == [0, 1]
    assert "seed3 is there already; name another folder, or remove it" in capsys.readouterr().err
    assert sample(tmp_path / "a.json", tmp_path / "other", "--shots", "0") == 1
