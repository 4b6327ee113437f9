"""A file of one's own may ask for masks: outlines are held against their images, and masks are scored."""

from pathlib import Path
from typing import Any

import pytest
from tests.unit.evaluators.own.test_coco import POLYGON, TEXT, document, imported, written

from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.own.board import benchmark_of
from farfield_evaluators.own.reader import read_text
from farfield_evaluators.own.spec import OwnError
from farfield_evaluators.staging import stage, told

MASKS = TEXT.replace('family = "few', 'masks = true\nfamily = "few').replace('"ap75"', '"mask-ap"')


def outlined(split: str, **change: Any) -> dict[str, Any]:
    """Images of 8 x 6 pixels, of which one has an object and a group of them."""
    values = document(split)
    values["annotations"][0] |= change
    values["annotations"][1]["segmentation"] = {"counts": [0, 48], "size": [6, 8]}
    return values


def test_a_board_of_masks_is_staged_with_those_of_its_objects(tmp_path: Path) -> None:
    data = written(tmp_path / "d", train=outlined("train"), val=outlined("val"))
    pack = imported(data, tmp_path / "packs", MASKS)
    board = benchmark_of(read_text(MASKS, "toys", "toys.toml"))
    assert [metric.name for metric in board.metrics] == ["ap", "mask-ap"]
    truth = stage(board, pack, tmp_path / "in", None)
    assert told(board, pack)["masks"] is True
    assert truth.targets["size"].tolist() == [[6, 8], [6, 8]]
    assert len(list((tmp_path / "in").rglob("masks.npy"))) == 1  # of the support set


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"segmentation": None}, "the outline of its object 1 is missing, and masks are asked for"),
        ({"segmentation": []}, "the outline of its object 1 is missing"),
        (
            {"segmentation": [[1, 2, 3]]},
            "the outline of its object 1 has a polygon that is no list of 6 or more numbers",
        ),
        ({"segmentation": {"counts": [48], "size": [8, 6]}}, r"the image's size \[6, 8\]"),
        ({"segmentation": {"counts": [47], "size": [6, 8]}}, "run lengths that are not 48 pixels together"),
    ],
)
def test_an_outline_that_does_not_fit_is_named_with_its_image(
    tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    data = written(tmp_path / "d", train=outlined("train", **change), val=outlined("val"))
    with pytest.raises(ImportProblems, match=says) as caught:
        imported(data, tmp_path / "packs", MASKS)
    assert caught.value.problems[0].startswith("train/1.png: ")


def test_an_only_object_without_an_outline_is_named(tmp_path: Path) -> None:
    train = outlined("train", segmentation=None)
    del train["annotations"][1]
    with pytest.raises(ImportProblems, match="the outline of its object 1 is missing"):
        imported(written(tmp_path / "d", train=train, val=outlined("val")), tmp_path / "packs", MASKS)


def test_where_no_masks_are_asked_for_outlines_are_kept_as_they_are(tmp_path: Path) -> None:
    data = written(tmp_path / "d", train=outlined("train", segmentation=[[1, 2, 3]]), val=outlined("val"))
    assert imported(data, tmp_path / "packs").counts() == {"support": 2, "test/test": 2}
    assert benchmark_of(read_text(TEXT, "toys", "toys.toml")).masks is False


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            TEXT.replace('"ap75"', '"mask-ap"'),
            r"columns\[2\].metric is 'mask-ap'; allowed for few-shot-detection are ap,",
        ),
        (MASKS.replace("true", '"yes"'), "masks is 'yes'; allowed are true and false"),
        (
            MASKS.replace("few-shot-detection", "classification"),
            "masks is true, and classification finds no objects; it is for few-shot-detection and detection",
        ),
    ],
)
def test_a_file_that_asks_for_masks_in_vain_is_told(text: str, says: str) -> None:
    with pytest.raises(OwnError, match=says):
        read_text(text, "toys", "toys.toml")


def test_polygons_that_reach_beyond_the_image_are_cut_off(tmp_path: Path) -> None:
    wide = [[-5.0, -5.0, 20.0, -5.0, 20.0, 20.0, -5.0, 20.0]]
    assert wide != POLYGON
    data = written(tmp_path / "d", train=outlined("train", segmentation=wide), val=outlined("val"))
    assert imported(data, tmp_path / "packs", MASKS).counts() == {"support": 2, "test/test": 2}
