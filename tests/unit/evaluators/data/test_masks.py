"""Outlines become the masks that pycocotools makes of them, and what is no outline of its image is told."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as reference

from farfield.runtime.masks import encode
from farfield_evaluators.data.columns import ColumnData, PackColumn
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.masks import outline_problem, outlines, run_lengths

# pycocotools was built for an older numpy.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
COLUMN = PackColumn(name="masks", kind="rows", dtype="uint8")
PLACE = st.floats(-10, 40, width=32).map(lambda number: round(number, 2))
POLYGON = st.lists(st.tuples(PLACE, PLACE), min_size=3, max_size=7).map(
    lambda points: [float(n) for p in points for n in p]
)
SIDE = st.integers(1, 30)


def theirs(outline: Any, height: int, width: int) -> list[int]:
    """What `pycocotools.coco.COCO.annToMask` makes of it, encoded."""
    coded = outline
    if isinstance(outline, list):
        coded = reference.merge(reference.frPyObjects(outline, height, width))
    elif isinstance(outline["counts"], list):
        coded = reference.frPyObjects(outline, height, width)
    runs: list[int] = encode(reference.decode(coded).astype(bool)).tolist()
    return runs


@settings(max_examples=150)
@given(st.lists(POLYGON, min_size=1, max_size=4), SIDE, SIDE)
def test_polygons_are_rasterised_as_pycocotools_does(polygons: list[list[float]], height: int, width: int) -> None:
    assert run_lengths(polygons, height, width).tolist() == theirs(polygons, height, width)


@given(SIDE, SIDE, st.sampled_from([0.0, 0.02, 0.5, 1.0]), st.integers(0, 999), st.booleans())
def test_run_lengths_as_text_and_as_list(height: int, width: int, share: float, seed: int, packed: bool) -> None:
    mask = np.random.default_rng(seed).random((height, width)) < share
    coded = reference.encode(np.asfortranarray(mask.astype(np.uint8)))
    counts: Any = coded["counts"].decode() if packed else encode(mask).tolist()
    assert run_lengths({"counts": counts, "size": [height, width]}, height, width).tolist() == encode(mask).tolist()


@pytest.mark.parametrize("pixels", [40_000 * 60_000, 2**31 + 5])
def test_long_runs_of_a_text(pixels: int) -> None:
    """Of three numbers each character has five bits; a run may need seven of them."""
    counts = [0, 1, pixels - 1]
    coded = reference.frPyObjects({"size": [pixels, 1], "counts": counts}, pixels, 1)
    assert run_lengths({"counts": coded["counts"].decode(), "size": [pixels, 1]}, pixels, 1).tolist() == counts


@given(st.lists(st.integers(0, 4), min_size=1, max_size=9))
def test_runs_of_no_pixel_are_left_out(counts: list[int]) -> None:
    height = max(1, sum(counts))
    counts = counts if sum(counts) else [*counts, 1]
    outline = {"counts": counts, "size": [height, 1]}
    runs = run_lengths(outline, height, 1)
    assert runs.tolist() == theirs(outline, height, 1)
    assert (runs[1:] > 0).all()


@pytest.mark.parametrize(
    ("outline", "says"),
    [
        ("text", r"must be polygons, or run lengths of the image's size \[4, 6\]"),
        ({"counts": [24]}, "must be polygons, or run lengths of the image's size"),
        ({"counts": [24], "size": [6, 4]}, "must be polygons, or run lengths of the image's size"),
        ({"counts": [12], "size": [4, 6]}, "has run lengths that are not 24 pixels together"),
        ({"counts": [-1, 25], "size": [4, 6]}, "has run lengths that are not 24 pixels"),
        ({"counts": [2**62, 2**62, 2**62, 2**62 + 24], "size": [4, 6]}, "has run lengths that are not 24 pixels"),
        ({"counts": [2**70], "size": [4, 6]}, "has counts that are no run lengths"),
        ({"counts": [1.5, 22.5], "size": [4, 6]}, "has counts that are no run lengths"),
        ({"counts": None, "size": [4, 6]}, "has counts that are no run lengths"),
        ({"counts": "", "size": [4, 6]}, "has counts that are no run lengths"),
        ({"counts": "\u20ac", "size": [4, 6]}, "has counts that are no run lengths"),
        ({"counts": "~", "size": [4, 6]}, "has counts that are no run lengths"),
        ({"counts": "PPPP", "size": [4, 6]}, "has counts that are no run lengths"),
        ({"counts": "o" * 9 + "0", "size": [4, 6]}, "has counts that are no run lengths"),
        ({"counts": "P1", "size": [4, 6]}, "has run lengths that are not 24 pixels"),
        ([], "has no polygon"),
        ([[1, 2, 3, 4]], "has a polygon that is no list of 6 or more numbers"),
        ([[1, 2, 3, 4, 5, 6, 7]], "has a polygon that is no list of 6 or more numbers"),
        ([{"x": 1}], "has a polygon that is no list of 6 or more numbers"),
        ([[1, 2, 3, "4", 5, 6]], "has a corner whose place is no number of at most 65535 pixels"),
        ([[1, 2, 3, float("nan"), 5, 6]], "has a corner whose place is no number"),
        ([[1, 2, 3, 1e9, 5, 6]], "has a corner whose place is no number"),
        ([[0, 0, 65_535, 65_535] * 100], "edges that are too long together"),
    ],
)
def test_what_is_no_outline_is_told(outline: Any, says: str) -> None:
    with pytest.raises(PackError, match=says):
        run_lengths(outline, 4, 6)
    assert outline_problem(outline, 4, 6)


def column(*texts: str) -> ColumnData:
    coded = [text.encode() for text in texts]
    values = np.frombuffer(b"".join(coded), np.uint8).reshape(-1, 1)
    return ColumnData(spec=COLUMN, values=values, rows=np.array([len(text) for text in coded], np.int64))


def test_outlines_are_read_image_by_image() -> None:
    polygon, runs = [[0, 0, 2, 0, 2, 2]], {"counts": [4], "size": [2, 2]}
    texts = (f"{json.dumps(polygon)}\n\n{json.dumps(runs)}", "", "[]\nnull", json.dumps(polygon))
    assert outlines(column(*texts)) == [[polygon, None, runs], [], [None, None], [polygon]]
    assert outlines(column(*texts), np.array([3, 1, 2, 1])) == [[polygon, None, runs], [None], [None, None], [polygon]]
    with pytest.raises(PackError, match="does not have an outline for each object"):
        outlines(column(*texts), np.array([3, 2, 2, 1]))


@pytest.mark.parametrize("text", ["{", "\udcff", "[" * 100_000])
def test_a_line_that_is_no_json_is_told(text: str) -> None:
    coded = np.frombuffer(text.encode("utf-8", "surrogateescape"), np.uint8).reshape(-1, 1)
    with pytest.raises(PackError, match="the column 'masks' holds what is no JSON"):
        outlines(ColumnData(spec=COLUMN, values=coded, rows=np.array([len(coded)])))
