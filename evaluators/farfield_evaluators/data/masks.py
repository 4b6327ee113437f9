"""Outlines of objects, as a pack of detection data holds them, and the run lengths that they make.

The column `masks` has the `segmentation` of COCO's JSON, a line an object: polygons [[x1, y1, x2, y2, ...], ...] in
pixels, or run lengths {"counts": ..., "size": [H, W]}, as a list or as the text that pycocotools writes. Polygons are
rasterised as pycocotools does (`frPyObjects` and `merge`), by hotcoco, which only a worker has.
"""

import importlib
import json
import math
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from farfield.families.boxes import LARGEST_SIDE
from farfield.runtime.images import open_image
from farfield.runtime.masks import Runs
from farfield_evaluators.data.columns import ColumnData, Ints
from farfield_evaluators.data.errors import PackError

if TYPE_CHECKING:
    from farfield_evaluators.data.pack import Pack

MASKS, SIZE = "masks", "size"
LEAST_NUMBERS = 6  # of a polygon: three corners
MOST_PIXELS_AROUND = 10_000_000  # the rasteriser makes five points a pixel of each edge
MOST_IN_A_NUMBER = 7  # characters of five bits each: a run has less than 2 ** 32 pixels
Outline = list[Any] | dict[str, Any]


def outlines(column: ColumnData, objects: Ints | None = None) -> list[list[Outline | None]]:
    """The outlines of the objects of each image; None of an object without one.

    With `objects` [N], how many each image has, an image whose only object has no outline is known from one without an
    object. Raises PackError for a column that is no such, or of another number of objects.
    """
    assert column.rows is not None  # noqa: S101 - for mypy: a column of texts is ragged
    ends = np.cumsum(column.rows).tolist()
    whole = column.values.tobytes()
    read = [outlines_in(whole[start:end]) for start, end in zip([0, *ends], ends, strict=False)]
    if objects is None:
        return read
    read = [of_image or [None] * min(count, 1) for of_image, count in zip(read, objects.tolist(), strict=True)]
    if [len(of_image) for of_image in read] != objects.tolist():
        raise PackError(f"the column {MASKS!r} does not have an outline for each object")
    return read


def outlines_in(text: bytes) -> list[Outline | None]:
    """The outlines of one image: a line of JSON each, none where there is no text. Raises PackError for other text."""
    try:
        return [(json.loads(line) or None) if line else None for line in text.decode().split("\n")] if text else []
    except (ValueError, RecursionError) as error:
        raise PackError(f"the column {MASKS!r} holds what is no JSON: {text[:40]!r}") from error


def image_sizes(pack: "Pack", positions: Ints) -> Ints:
    """Height and width int64 [N, 2] of the images at these positions: of the column `size`, or as the images have them.

    Raises PackError for an image that cannot be opened.
    """
    if SIZE in {column.name for column in pack.columns}:
        sizes: Ints = pack.column(SIZE).at(positions).values.astype(np.int64)
        if sizes.shape != (len(positions), 2):
            raise PackError(f"the column {SIZE!r} of {pack.name} does not have a height and a width of each image")
        return sizes
    if pack.shape:
        return np.tile(np.array(pack.shape[:2], np.int64), (len(positions), 1))
    with pack.blob.open("rb") as blob:
        return np.array([_size_in(blob, *span) for span in pack.spans[positions].tolist()], np.int64).reshape(-1, 2)


def _size_in(blob: IO[bytes], start: int, end: int) -> tuple[int, int]:
    blob.seek(start)
    try:
        with open_image(blob.read(end - start)) as image:
            return image.height, image.width
    except Exception as error:  # Pillow answers damaged files with OSError, SyntaxError, ValueError and others
        raise PackError(f"an image cannot be opened: {type(error).__name__}: {error}") from error


def run_lengths(outline: object, height: int, width: int) -> Runs:
    """The run lengths uint32 [R] of an outline in an image of that size, as `farfield.runtime.masks` has them.

    Raises PackError for what is no outline of such an image.
    """
    problem = outline_problem(outline, height, width)
    if problem:
        raise PackError(f"an outline {problem}")
    if isinstance(outline, list):
        return _rasterised(outline, height, width).astype(np.uint32)
    assert isinstance(outline, dict)  # noqa: S101 - for mypy: else there was a problem
    return _canonical(_coded(outline["counts"]), height * width)


def outline_problem(outline: object, height: int, width: int) -> str:
    """What is wrong with an outline for an image of that size, in words after "an outline"; empty where nothing is."""
    if isinstance(outline, list):
        return _polygon_problem(outline)
    if not isinstance(outline, dict) or outline.get("size") != [height, width]:
        return f"must be polygons, or run lengths of the image's size [{height}, {width}]"
    try:
        counts = _coded(outline.get("counts"))
    except (TypeError, ValueError, OverflowError):
        return "has counts that are no run lengths"
    if (counts < 0).any() or (counts > height * width).any() or int(counts.sum()) != height * width:
        return f"has run lengths that are not {height * width} pixels together"
    return ""


def _polygon_problem(polygons: Sequence[Any]) -> str:
    for polygon in polygons:
        if not isinstance(polygon, list) or len(polygon) < LEAST_NUMBERS or len(polygon) % 2:
            return f"has a polygon that is no list of {LEAST_NUMBERS} or more numbers, x and y in turn"
        if not _are_places(polygon):
            return f"has a corner whose place is no number of at most {LARGEST_SIDE} pixels"
    fits = polygons and _fits(polygons)
    return "" if fits else "has no polygon, or edges that are too long together"


def _are_places(polygon: Sequence[Any]) -> bool:
    if not set(map(type, polygon)) <= {int, float} or max(polygon) > LARGEST_SIDE or min(polygon) < -LARGEST_SIDE:
        return False
    return not math.isnan(sum(polygon))


def _fits(polygons: Sequence[Sequence[float]]) -> bool:
    """Whether their edges together pass no more pixels than may be."""
    most = sum(len(polygon) / 2 * (max(polygon) - min(polygon)) for polygon in polygons)  # as if each were that long
    return most <= MOST_PIXELS_AROUND or sum(map(_around, polygons)) <= MOST_PIXELS_AROUND


def _around(polygon: Sequence[float]) -> float:
    """How many pixels its edges pass."""
    corners = np.array(polygon, np.float64).reshape(-1, 2)
    return float(np.abs(np.diff(corners, axis=0, append=corners[:1])).max(axis=1).sum())


def _rasterised(outline: list[Any], height: int, width: int) -> Ints:
    rasteriser = importlib.import_module("hotcoco").mask
    merged = rasteriser.merge(rasteriser.frPyObjects(outline, height, width))
    return _of_text(merged["counts"])


def _coded(counts: object) -> Ints:
    """Run lengths of a list or a text. Raises TypeError and ValueError for anything else."""
    if isinstance(counts, str):
        return _of_text(counts.encode("ascii"))
    if not isinstance(counts, list) or not all(type(count) is int for count in counts):
        raise TypeError("run lengths are whole numbers")
    return np.array(counts, np.int64)


def _of_text(text: bytes) -> Ints:
    """The numbers of COCO's compressed run lengths: five bits a character, lowest first, and each but the first three
    as the difference to the one before the last. Raises ValueError for another text.
    """
    codes = np.frombuffer(text, np.uint8).astype(np.int64) - 48
    goes_on = codes & 32 != 0
    if not len(codes) or (codes < 0).any() or (codes > 63).any() or goes_on[-1]:
        raise ValueError("no compressed run lengths")
    starts = np.flatnonzero(np.concatenate([[True], ~goes_on[:-1]]))
    lengths = np.diff(starts, append=len(codes))
    if lengths.max() > MOST_IN_A_NUMBER:
        raise ValueError("a run length is too large")
    places = np.arange(len(codes)) - np.repeat(starts, lengths)
    numbers = np.add.reduceat((codes & 31) << (5 * places), starts)
    numbers -= np.where(codes[starts + lengths - 1] & 16, 1 << (5 * lengths), 0)
    for first in (1, 2):
        numbers[first::2] = np.cumsum(numbers[first::2])
    return numbers


def _canonical(counts: Ints, pixels: int) -> Runs:
    """The same mask without runs of no pixel but the first: what such a one parts is one run."""
    turns, times = np.unique(np.cumsum(counts)[:-1], return_counts=True)
    turns = turns[(times % 2 == 1) & (turns < pixels)]
    runs: Runs = np.diff(turns, prepend=0, append=pixels).astype(np.uint32)
    return runs
