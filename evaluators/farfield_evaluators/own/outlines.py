"""Outlines of one's own objects, where a file asks for masks: each object has one, and it fits its image."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from farfield.runtime.images import open_image
from farfield_evaluators.data.masks import MASKS, outline_problem, outlines_in
from farfield_evaluators.own.coco import BOXES
from farfield_evaluators.own.rows import Row, Rows


def with_outlines(rows: Rows) -> Rows:
    """The same rows, whose images are looked at beside the outlines of their objects."""
    return replace(rows, rows=[_looked_at(row) for row in rows.rows])


def _looked_at(row: Row) -> Row:
    return replace(row, problem=lambda encoded: _problem(row.boxes, encoded))


def _problem(boxes: Mapping[str, Any], encoded: bytes) -> str:
    """What is wrong with the outlines of an image, of the first that does not fit."""
    with open_image(encoded) as image:
        height, width = image.height, image.width
    listed = outlines_in(boxes[MASKS]) or [None] * len(boxes[BOXES])
    for number, outline in enumerate(listed, 1):
        says = "is missing, and masks are asked for" if outline is None else outline_problem(outline, height, width)
        if says:
            return f"the outline of its object {number} {says}"
    return ""
