"""What is wrong with one record of COCO's results JSON, in words: every problem of it."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from farfield_evaluators.numbers import is_number
from farfield_evaluators.problems import Problem, shown
from farfield_evaluators.scoring.coco.annotations import LARGEST, Truth
from farfield_evaluators.scoring.coco.problems import (
    BAD_MASK,
    BAD_VALUE,
    MISSING_KEY,
    UNKNOWN_CATEGORY,
    UNKNOWN_IMAGE,
)
from farfield_evaluators.scoring.coco.rle import checked

Record = Mapping[str, Any]
Fault = tuple[str, str]  # code and sentence


def problems_of(record: object, where: str, truth: Truth, *, masks: bool) -> Iterator[Problem]:
    """Each problem of the record, which is at this place; none where it can be scored."""
    for code, says in _faults(record, truth, masks=masks):
        yield Problem(code=code, where=where, says=says)


def _faults(record: object, truth: Truth, *, masks: bool) -> Iterator[Fault]:
    if not isinstance(record, dict):
        yield BAD_VALUE, f"it must be an object with image_id, category_id and so on: {shown(record)}"
        return
    needed = ("image_id", "category_id", "score", "segmentation" if masks else "bbox")
    missing = [name for name in needed if name not in record]
    if missing:
        yield MISSING_KEY, f"it has no {' and no '.join(missing)}"
        return
    yield from _id_faults(record, truth)
    if not (is_number(record["score"]) and 0 <= record["score"] <= LARGEST):
        yield BAD_VALUE, f"its score must be a finite number from 0: {shown(record['score'])}"
    yield from _mask_faults(record, truth) if masks else _box_faults(record["bbox"])


def _id_faults(record: Record, truth: Truth) -> Iterator[Fault]:
    if _place(record["image_id"], truth.images) is None:
        yield UNKNOWN_IMAGE, f"its image_id is none of the annotations' images: {shown(record['image_id'])}"
    if _place(record["category_id"], truth.categories) is None:
        yield UNKNOWN_CATEGORY, f"its category_id is none of the annotations': {shown(record['category_id'])}"


def _place(value: object, known: Any) -> int | None:
    """Where an id stands among those that are known, ascending."""
    if type(value) is not int or not known[0] <= value <= known[-1]:
        return None
    place = int(np.searchsorted(known, value))
    return place if known[place] == value else None


def _box_faults(box: object) -> Iterator[Fault]:
    if not isinstance(box, list) or len(box) != 4 or not all(is_number(v) and abs(v) <= LARGEST for v in box):
        yield BAD_VALUE, f"its bbox must be four finite numbers, x, y, width and height: {shown(box)}"
    elif min(box[2:]) < 0:
        yield BAD_VALUE, f"its bbox has a negative width or height: {shown(box)}; is it x1, y1, x2, y2?"


def _mask_faults(record: Record, truth: Truth) -> Iterator[Fault]:
    mask, place = record["segmentation"], _place(record["image_id"], truth.images)
    if not isinstance(mask, dict) or not isinstance(mask.get("counts"), str):
        yield BAD_MASK, f"its segmentation must be an object with size and counts, a text: {shown(mask)}"
    elif place is not None:
        yield from _run_faults(mask, truth.sizes[place].tolist())


def _run_faults(mask: Mapping[str, Any], size: list[int]) -> Iterator[Fault]:
    if mask.get("size") != size:
        yield BAD_MASK, f"its segmentation is of the size {shown(mask.get('size'))}, the image of {size}: height, width"
    elif not mask["counts"].isascii():
        yield BAD_MASK, "its segmentation cannot be decoded: its counts are no run lengths as pycocotools writes them"
    elif not checked([mask["counts"].encode()], np.array([size[0] * size[1]])).fine[0]:
        says = f"its segmentation cannot be decoded: its counts are no run lengths of {size[0] * size[1]:,} pixels"
        yield BAD_MASK, says
