"""Masks of a run are held against their images, whatever it wrote, and are read image by image."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield import families
from farfield.errors import PredictionsError
from farfield.families import Size
from farfield.runtime.masks import encode
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.catalog import find
from farfield_evaluators.evaluate import Truth, check_predictions, scored
from farfield_evaluators.scoring.coco import BOXES
from farfield_evaluators.scoring.masks import check_masks, detected_masks, object_masks
from farfield_evaluators.scoring.test import Taken, Test, pieces

SIZES = np.array([[4, 6], [3, 3], [2, 5]])
AP = BOXES.gives[0]
RULES = families.of("detection").outputs(Size(examples=3, classes=2, masks=True))
TEXT = b'[[0,0,2,0,2,2]]\n{"counts":[0,24],"size":[4,6]}'


def arrays(**changes: Any) -> dict[str, Any]:
    """Two detections of the first image, of which the second has no mask, none of the second, one of the third."""
    first, third = encode(np.eye(4, 6, dtype=bool)), encode(np.ones((2, 5), bool))
    good = {
        "boxes-rows": np.array([2, 0, 1]),
        "boxes": np.zeros((3, 4)),
        "scores": np.full(3, 0.5),
        "labels": np.array([0, 1, 1]),
        "mask-runs": np.array([len(first), 0, len(third)], np.int32),
        "masks-rows": np.array([len(first), 0, len(third)]),
        "masks": np.concatenate([first, third]),
    }
    return good | {name.replace("_", "-"): value for name, value in changes.items()}


def changed(name: str, place: int, value: int) -> dict[str, Any]:
    given = arrays()
    return {name.replace("-", "_"): np.concatenate([given[name][:place], [value], given[name][place + 1 :]])}


def benchmark() -> Benchmark:
    domain = Domain(name="test", title="Test", role="id", set="test")
    columns = (Column(metric="ap", domain="test", title="AP"),)
    values = {"domains": (domain,), "metrics": (AP,), "columns": columns, "scorers": (BOXES,), "aggregates": ()}
    family: Any = "detection"
    return replace(find("imagenet-ood/mini"), family=family, train_set=None, masks=True, **values)


def truth() -> Truth:
    boxes = {
        "boxes": np.array([[0.0, 0, 2, 2]]),
        "boxes-rows": np.array([1, 0, 0]),
        "box-labels": np.zeros((1, 1), int),
    }
    boxes["box-labels-rows"] = boxes["boxes-rows"]
    sizes = {"size": SIZES, "size-rows": np.ones(3, np.int64)}
    none = np.zeros(3, np.int64)
    return Truth(labels=none - 1, domains=none, classes=2, targets=boxes | sizes)


def test_right_masks_pass() -> None:
    check_predictions(RULES, arrays())
    check_masks(arrays(), SIZES)
    assert scored(benchmark(), truth(), arrays()).figures


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"masks": np.concatenate([arrays()["masks"][:-1], [9]])},
            r"image 2: masks has a mask .* 9 pixels .* 2 x 5 = 10",
        ),
        (changed("masks", 0, 2**32 - 1), "masks must lie in 0..4.29484e"),
        (changed("masks", 0, 65_535**2), "image 0: masks has a mask whose run lengths are 4294836249"),
        (changed("masks", 0, -1), "masks must lie in 0"),
        (
            {"masks": arrays()["masks"][:-1]},
            r"masks has the shape \(10,\); expected \(11,\), a row per row that masks-rows",
        ),
        ({"masks": arrays()["masks"].astype(float)}, "masks must be whole numbers"),
        ({"masks": arrays()["masks"][None]}, r"masks has the shape \(1, 11\)"),
        (
            changed("mask-runs", 0, 8),
            "image 0: mask-runs says that its masks have 8 run lengths, and masks-rows says 9",
        ),
        (changed("mask-runs", 0, -9), "mask-runs must lie in 0..262144"),
        (changed("mask-runs", 0, 2**31 - 1), "mask-runs must lie in 0..262144"),
        ({"mask_runs": np.array([9, 2], np.int32)}, r"mask-runs has the shape \(2,\); expected \(3,\)"),
        (changed("masks-rows", 0, 2**62), "masks-rows must lie in 0..262144"),
        (changed("masks-rows", 1, -1), "masks-rows must lie in 0..262144"),
        ({"masks_rows": np.full(3, 2**63, np.uint64)}, "masks-rows must lie in 0..262144"),
        (
            {"masks_rows": np.array([2, 9, 0])},
            "image 0: mask-runs says that its masks have 9 run lengths, and masks-rows",
        ),
        (
            {"masks_rows": np.array([9, 2, 0])},
            "image 1: mask-runs says that its masks have 0 run lengths, and masks-rows",
        ),
        ({"masks_rows": np.zeros((3, 2), int)}, r"masks-rows has the shape \(3, 2\)"),
    ],
)
def test_masks_that_fit_nothing_are_refused_by_image_and_array(change: dict[str, Any], message: str) -> None:
    with pytest.raises(PredictionsError, match=message):
        scored(benchmark(), truth(), arrays(**change))


def test_a_run_of_no_pixels_within_a_mask_is_refused() -> None:
    """Programs that compare masks run by run stop at one."""
    broken = arrays(masks=np.array([24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10]))
    with pytest.raises(
        PredictionsError, match="image 0: masks has a run of no pixels that is not the first of its mask"
    ):
        check_masks(broken, SIZES)


def test_arrays_that_are_missing_are_named() -> None:
    for name in ("mask-runs", "masks-rows", "masks"):
        given = {key: value for key, value in arrays().items() if key != name}
        with pytest.raises(PredictionsError, match=f"the array '{name}' is missing"):
            scored(benchmark(), truth(), given)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint64"])
def test_counts_of_any_whole_type_are_read(dtype: str) -> None:
    """A run that was tampered with may write them; who reads them must not fail in another way."""
    given = arrays(**{name: arrays()[name].astype(dtype) for name in ("boxes-rows", "masks-rows", "mask-runs")})
    assert scored(benchmark(), truth(), given).figures == scored(benchmark(), truth(), arrays()).figures


def test_masks_are_given_image_by_image_and_detection_by_detection() -> None:
    test = scored(benchmark(), truth(), arrays()).tests[0]
    listed = [[runs.tolist() for runs in of_image] for of_image in detected_masks(test)]
    assert listed == [[encode(np.eye(4, 6, dtype=bool)).tolist(), []], [], [[0, 10]]]
    part = [[runs.tolist() for runs in of_image] for of_image in detected_masks(test.part(np.array([2, 0])))]
    assert part == [listed[2], listed[0]]


def test_objects_have_the_run_lengths_of_their_outlines() -> None:
    values = np.frombuffer(TEXT, np.uint8).reshape(-1, 1)
    shown = {"masks": values, "masks-rows": np.array([len(TEXT), 0, 0]), "boxes-rows": np.array([2, 1, 0])}
    test = Test(domain="t", role="id", count=3, outputs={}, targets=shown | {"size": SIZES.astype(float)})
    [first, second, third] = object_masks(test)
    assert [None if runs is None else int(runs.sum()) for runs in first] == [24, 24]
    assert (second, third) == ([None], [])


@given(st.lists(st.integers(0, 4), min_size=1, max_size=6), st.data())
def test_pieces_are_the_rows_of_each_example_whatever_part_is_looked_at(counts: list[int], data: st.DataObject) -> None:
    whole = {"a": np.arange(sum(counts)), "a-rows": np.array(counts)}
    rows = np.array(data.draw(st.lists(st.integers(0, len(counts) - 1), max_size=5)), np.int64)
    again = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=5)) if len(rows) else [], np.int64)
    part = Taken(Taken(whole, rows), again)
    every = list(pieces(whole, "a"))
    assert [piece.tolist() for piece in pieces(part, "a")] == [every[number].tolist() for number in rows[again]]
    assert part["a"].tolist() == [value for piece in pieces(part, "a") for value in piece.tolist()]


def test_pieces_of_an_array_on_the_disk_are_not_read_whole(tmp_path: Any) -> None:
    np.save(tmp_path / "a.npy", np.arange(5))
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    [first, _] = pieces(Taken({"a": mapped, "a-rows": np.array([2, 3])}, np.arange(2)), "a")
    assert np.shares_memory(first, mapped)
