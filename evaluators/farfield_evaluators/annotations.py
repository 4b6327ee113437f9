"""What a method may learn of annotated images: boxes, labels and, where a benchmark asks for them, masks."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield.families.boxes import RUNS
from farfield.runtime.masks import Runs
from farfield_evaluators.data.columns import ROWS
from farfield_evaluators.data.masks import MASKS, Outline, image_sizes, outlines, run_lengths
from farfield_evaluators.data.packs import Ints, Pack

BOXES, BOX_LABELS, BOX_CROWD = "boxes", "box-labels", "box-crowd"  # columns of a pack of detection data
UNLABELED = "unlabeled"
TOGETHER = 1024  # images whose outlines are read at once
Arrays = dict[str, npt.NDArray[Any]]


def annotations(pack: Pack, part: str, positions: Ints, masks: bool = False) -> Arrays:
    """What a method may learn of images with boxes; of unlabeled ones it is told of none. See `farfield.runtime.job`.

    Groups of objects ("crowd") are no examples of one. Raises PackError for masks that the pack does not have.
    """
    if part == UNLABELED:
        return _nothing(len(positions), masks)
    single = _single(pack, positions)
    learned = _boxes(pack, positions, single)
    return learned | _masks(pack, positions, single) if masks else learned


def _nothing(images: int, masks: bool) -> Arrays:
    none = np.zeros(0, np.int64)
    boxes = {BOXES: np.zeros((0, 4)), f"{BOXES}{ROWS}": np.zeros(images, np.int64), BOX_LABELS: none}
    return boxes | {MASKS: none.astype(np.uint32), RUNS: none} if masks else boxes


def _single(pack: Pack, positions: Ints) -> npt.NDArray[np.bool_]:
    """Which of the objects of these images are no group."""
    if BOX_CROWD in {column.name for column in pack.columns}:
        return np.asarray(pack.column(BOX_CROWD).at(positions).values.reshape(-1) == 0)
    return np.ones(len(pack.column(BOXES).at(positions).values), bool)


def _counts(pack: Pack, positions: Ints) -> Ints:
    rows = pack.column(BOXES).rows
    return np.zeros(len(positions), np.int64) if rows is None else rows[positions]


def _boxes(pack: Pack, positions: Ints, single: npt.NDArray[np.bool_]) -> Arrays:
    """Boxes xyxy of objects, from x, y, width and height."""
    boxes, labels = pack.column(BOXES).at(positions).values, pack.column(BOX_LABELS).at(positions).values
    rows = _counts(pack, positions)
    corners = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)
    counts = np.bincount(np.repeat(np.arange(len(rows)), rows)[single], minlength=len(rows)).astype(np.int64)
    return {BOXES: corners[single], f"{BOXES}{ROWS}": counts, BOX_LABELS: labels.reshape(-1)[single]}


def _masks(pack: Pack, positions: Ints, single: npt.NDArray[np.bool_]) -> Arrays:
    """The run lengths of the masks of objects, and how many each has: none without an outline."""
    objects = zip(_objects(pack, positions), single.tolist(), strict=True)
    all_runs = (_run_lengths(outline, size) for (outline, size), alone in objects if alone)
    joined, counts = [np.zeros(0, np.uint32)], list[int]()
    # Joined some at a time: an array of each of COCO's 860,000 objects would take as much again as what is in it.
    while some := list(islice(all_runs, TOGETHER)):
        joined.append(np.concatenate(some))
        counts += map(len, some)
    return {MASKS: np.concatenate(joined), RUNS: np.array(counts, np.int64)}


def _run_lengths(outline: Outline | None, size: tuple[int, int]) -> Runs:
    return np.zeros(0, np.uint32) if outline is None else run_lengths(outline, *size)


def _objects(pack: Pack, positions: Ints) -> Iterator[tuple[Outline | None, tuple[int, int]]]:
    """The outline of each object, with the height and width of its image."""
    column, counts, sizes = pack.column(MASKS), _counts(pack, positions), image_sizes(pack, positions).tolist()
    for start in range(0, len(positions), TOGETHER):
        part = slice(start, start + TOGETHER)
        listed = outlines(column.at(positions[part]), counts[part])
        yield from ((outline, tuple(size)) for own, size in zip(listed, sizes[part], strict=True) for outline in own)
