"""COCO's JSON: boxes, classes, areas, outlines and splits go into a pack; whatever is wrong is told by its number."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.evaluators.own.made import HEAD, installed, picture

from farfield.cli import main
from farfield_evaluators.catalog import catalog
from farfield_evaluators.data.pack import Pack
from farfield_evaluators.data.packs import PackError, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.own.board import benchmark_of
from farfield_evaluators.own.importer import import_own
from farfield_evaluators.own.reader import read_text
from farfield_evaluators.own.spec import OwnError

TEXT = f"""family = "few-shot-detection"
{HEAD}
[data]
kind = "coco"
images = "pictures"
[support]
where = {{ split = "train" }}
[[tests]]
name = "test"
where = {{ split = "val" }}
[[columns]]
metric = "ap"
on = "test"
[[columns]]
metric = "ap75"
on = "test"
"""
POLYGON = [[1.0, 1.0, 2.0, 1.0, 2.0, 2.0]]
RLE = {"counts": "a1b2", "size": [6, 8]}


def document(split: str, images: int = 2) -> dict[str, Any]:
    return {
        "images": [{"id": n, "file_name": f"{split}/{n}.png", "width": 8, "height": 6} for n in range(images)],
        "categories": [{"id": 7, "name": "zebra"}, {"id": 3, "name": "apple"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 7, "bbox": [1, 2, 3.5, 1], "area": 3.0, "segmentation": POLYGON},
            {"id": 2, "image_id": 1, "category_id": 3, "bbox": [0, 0, 2, 2], "iscrowd": 1, "segmentation": RLE},
        ],
    }


def written(root: Path, **documents: dict[str, Any]) -> Path:
    for split, values in documents.items():
        for image in values["images"]:
            if isinstance(image, dict) and isinstance(image.get("file_name"), str) and ".." not in image["file_name"]:
                picture(root / "pictures" / image["file_name"])
        (root / f"{split}.json").write_text(json.dumps(values))
    return root


def imported(path: Path, packs: Path, text: str = TEXT) -> Pack:
    pack = import_own(read_text(text, "toys", "toys.toml"), path, packs)
    verify(pack)
    return pack


def test_boxes_lie_with_their_images(tmp_path: Path) -> None:
    pack = imported(written(tmp_path / "d", train=document("train"), val=document("val", 3)), tmp_path / "packs")
    assert pack.counts() == {"support": 2, "test/test": 3}
    assert [c.name for c in pack.classes] == ["apple", "zebra"]
    [position] = [p for p in pack.members("support").tolist() if pack.column("boxes").rows[p]]  # type: ignore[index]
    assert pack.column("boxes").of(position).tolist() == [[1, 2, 3.5, 1], [0, 0, 2, 2]]
    assert pack.column("box-labels").of(position).ravel().tolist() == [1, 0]
    assert pack.column("box-area").of(position).ravel().tolist() == [3.0, 4.0]
    assert pack.column("box-crowd").of(position).ravel().tolist() == [0, 1]
    lines = pack.column("masks").of(position).tobytes().decode().split("\n")
    assert [json.loads(line) for line in lines] == [POLYGON, RLE]
    assert set(pack.labels.tolist()) == {-1}


def test_a_single_file_with_a_part_held_out(tmp_path: Path) -> None:
    written(tmp_path / "d", all=document("train", 8))
    text = TEXT.replace('"val"', '"test"').replace("[support]", "holdout = 0.25\n[support]")
    assert imported(tmp_path / "d" / "all.json", tmp_path / "packs", text).counts() == {"support": 6, "test/test": 2}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"image_id": 9}, "annotation 1 is of no image here: image_id is 9"),
        ({"image_id": True}, "annotation 1 is of no image here"),
        ({"category_id": 9}, "annotation 1 is of no category here: category_id is 9"),
        ({"bbox": [1, 2, 3]}, "annotation 1 has no bbox of four numbers"),
        ({"bbox": [1, 2, -3, 1]}, "annotation 1 has no bbox of four numbers"),
        ({"bbox": [1, 2, 1e300, 1]}, "annotation 1 has no bbox of four numbers"),
        ({"area": -1}, "annotation 1 has no usable area or iscrowd"),
        ({"iscrowd": 2}, "annotation 1 has no usable area or iscrowd"),
        ({"segmentation": [[0.5] * 300_000]}, "annotation 1 has an outline of more than 1,048,576 characters"),
    ],
)
def test_an_annotation_that_is_none_is_named(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    train = document("train")
    train["annotations"][0] |= change
    with pytest.raises(ImportProblems) as caught:
        imported(written(tmp_path / "d", train=train, val=document("val")), tmp_path / "packs")
    assert [p for p in caught.value.problems if p.startswith(f"train.json: {says}")]


@pytest.mark.parametrize(
    ("image", "says"),
    [
        ({"id": 0, "file_name": "x.png"}, "image 3, 'x.png': has no id of its own"),
        ({"id": 5}, "image 3, 'None': has no file_name"),
        ({"id": 5, "file_name": "../up.png"}, "image 3, '../up.png': leads out of the folder"),
    ],
)
def test_an_image_that_is_none_is_named(tmp_path: Path, image: dict[str, Any], says: str) -> None:
    train = document("train")
    train["images"].append(image)
    with pytest.raises(ImportProblems) as caught:
        imported(written(tmp_path / "d", train=train, val=document("val")), tmp_path / "packs")
    assert [p for p in caught.value.problems if p.startswith(f"train.json: {says}")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "cannot be read as JSON"),
        ("[" * 100_000, "cannot be read as JSON"),
        ("[]", "is not COCO's"),
        ('{"images": [1], "annotations": [], "categories": [{"id": 1, "name": "a"}]}', "images must be a list"),
        ('{"images": [], "annotations": [], "categories": []}', "its categories must have names"),
        ('{"images": [], "annotations": [], "categories": [{"id": "1", "name": "a"}]}', "has no id and name"),
        (
            '{"images": [], "annotations": [], "categories": [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]}',
            "has the id of 'a'",
        ),
    ],
)
def test_what_is_no_coco(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(PackError, match=says):
        imported(tmp_path / "x.json", tmp_path / "packs")


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('"few-shot-detection"', '"classification"', "go together"),
        ('"ap"', '"accuracy"', "metric is 'accuracy'; allowed for few-shot-detection are ap, ap50, ap75, ap-small"),
        ("[support]", "[train]", "train is no part that few-shot-detection learns from; those are support and base"),
        ("[support]", "[base]", "support is missing"),
        ('on = "test"', 'on = "test"\nworst_over = ["class"]', "worst_over holds 'class'; allowed are domain"),
    ],
)
def test_what_a_board_of_boxes_cannot_be(before: str, after: str, says: str) -> None:
    with pytest.raises(OwnError) as caught:
        read_text(TEXT.replace(before, after, 1), "toys", "toys.toml")
    assert says in str(caught.value)


def test_support_and_base_are_parts_and_the_first_column_is_the_headline() -> None:
    text = TEXT.replace("[[tests]]", '[base]\nwhere = { split = "base" }\n[[tests]]')
    board = benchmark_of(read_text(text, "toys", "toys.toml"))
    assert dict(board.learned_from()) == {"base": "base", "support": "support"}
    assert [(c.metric, c.domain) for c in board.columns] == [("ap", "test"), ("ap75", "test")]
    assert board.handed_in is None  # an image has any number of boxes, so there is no row for each


def test_a_board_of_detection_learns_from_a_training_set() -> None:
    text = TEXT.replace("few-shot-detection", "detection").replace("[support]", "[train]")
    board = benchmark_of(read_text(text + '[val]\nwhere = { split = "tuning" }\n', "toys", "toys.toml"))
    assert (board.family, dict(board.learned_from())) == ("detection", {"train": "train", "val": "val"})
    with pytest.raises(OwnError, match="train is missing; detection learns its classes from the images of"):
        read_text(text.replace("[train]", "[val]"), "toys", "toys.toml")


def square(split: str, images: int) -> dict[str, Any]:
    """Each image is 8 x 6 pixels, and its zebra lies where all zebras do."""
    values = document(split, images)
    box = {"category_id": 7, "bbox": [2, 1, 4, 3]}
    return {**values, "annotations": [{"id": n, "image_id": n, **box} for n in range(images)]}


def test_a_new_file_for_a_training_set_is_of_detection(tmp_path: Path) -> None:
    data = written(tmp_path / "d", train=square("train", 3), val=square("val", 4))
    with installed(tmp_path / "var") as folder:
        assert main(["benchmark", "new", "toys", "--data", str(data)]) == 0
        board = benchmark_of(read_text((folder / "toys.toml").read_text(), "toys", "toys.toml"))
    assert (board.family, dict(board.learned_from())) == ("detection", {"train": "train"})


@pytest.mark.submitted
def test_boxes_become_a_board_through_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = written(tmp_path / "d", support=square("support", 3), val=square("val", 4))
    with installed(tmp_path / "var") as folder:
        assert main(["benchmark", "new", "toys", "--data", str(data)]) == 0
        file = folder / "toys.toml"
        file.write_text(file.read_text().replace('kind = "coco"', 'kind = "coco"\nimages = "pictures"'))
        catalog.cache_clear()
        assert main(["benchmark", "check", "toys"]) == 0
        assert main(["data", "import", "toys", str(data)]) == 0
        assert main(["benchmarks", "own/toys"]) == 0
        assert "Methods may be fitted on: support, split is support." in capsys.readouterr().out
        assert main(["evaluate", "fs-centre-box", "--benchmark", "own/toys"]) == 0
        said = capsys.readouterr().out
        assert "AP75" in said
        assert "100.0" in said
        assert main(["evaluate", "fs-centre-box", "--benchmark", "own/toys", "--save-predictions", "p.npz"]) != 0
        assert "whose results are no file of predictions" in capsys.readouterr().err
