"""Masks in what scorers look at: of detections and of objects, image by image, and whether a run's fit their images."""

from collections.abc import Iterator, Mapping

import numpy as np

from farfield.errors import PredictionsError
from farfield.families.boxes import COUNTS, MASK_COUNTS, MASKS, RUNS
from farfield.runtime.masks import Runs, split
from farfield_evaluators.data.columns import ROWS, ColumnData, PackColumn
from farfield_evaluators.data.masks import SIZE, Outline, outlines, run_lengths
from farfield_evaluators.scoring.test import Array, Ints, Test, pieces

_OUTLINES = PackColumn(name=MASKS, kind="rows", dtype="uint8")


def check_masks(predictions: Mapping[str, Array], sizes: Ints) -> None:
    """Whether the masks of a run fit the N images of these sizes, height and width [N, 2].

    The arrays keep their rules already. Raises PredictionsError that names the image, counted from 0, and the array.
    """
    lengths = split(predictions[RUNS], predictions[COUNTS])
    runs = split(predictions[MASKS], predictions[MASK_COUNTS])
    for image, (own, of_image, size) in enumerate(zip(lengths, runs, sizes.tolist(), strict=True)):
        if problem := _problem(np.asarray(own), np.asarray(of_image), size):
            raise PredictionsError(f"image {image}: {problem}")


def _problem(lengths: Array, runs: Array, size: tuple[int, int]) -> str:
    if int(lengths.sum()) != len(runs):
        return f"{RUNS} says that its masks have {int(lengths.sum())} run lengths, and {MASK_COUNTS} says {len(runs)}"
    masks = lengths[lengths > 0].astype(np.int64)
    starts = np.cumsum(masks) - masks
    totals = np.add.reduceat(runs.astype(np.uint64), starts) if len(starts) else starts
    wrong = totals[totals != size[0] * size[1]]
    if len(wrong):
        has = f"the image has {size[0]} x {size[1]} = {size[0] * size[1]} pixels"
        return f"{MASKS} has a mask whose run lengths are {int(wrong[0])} pixels together, and {has}"
    within = runs == 0
    within[starts] = False
    return f"{MASKS} has a run of no pixels that is not the first of its mask" if within.any() else ""


def detected_masks(test: Test) -> Iterator[list[Runs]]:
    """Of each image in turn the run lengths uint32 [R] of each detection; none of one without a mask.

    They are read image by image: all of a run need not fit in memory.
    """
    lengths, runs = pieces(test.outputs, RUNS), pieces(test.outputs, MASKS)
    for own, of_image in zip(lengths, runs, strict=True):
        yield [mask.astype(np.uint32) for mask in split(of_image, own)]


def object_masks(test: Test) -> Iterator[list[Runs | None]]:
    """Of each image in turn the run lengths uint32 [R] of each object; None of one without an outline.

    Needs the targets `masks`, `size` and `boxes-rows`. Raises PackError for outlines that do not fit.
    """
    column = ColumnData(spec=_OUTLINES, values=test.targets[MASKS], rows=test.targets[f"{MASKS}{ROWS}"])
    listed = outlines(column, test.targets[COUNTS])
    for of_image, size in zip(listed, test.targets[SIZE].tolist(), strict=True):
        yield [_run_lengths(outline, size) for outline in of_image]


def _run_lengths(outline: Outline | None, size: tuple[int, int]) -> Runs | None:
    return None if outline is None else run_lengths(outline, *map(int, size))
