"""Rows of somebody's data: an image each, with its columns as texts, whatever form the data came in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from farfield_evaluators.data.encoded import read_image

MOST_ROWS = 5_000_000


def fits(encoded: bytes) -> str:
    """Nothing is wrong."""
    return ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One image. where: what errors call it; load: its bytes as a pack stores them; values: its columns.

    boxes: of detection data, what its objects are, by the name of the pack's column. problem: what of that does not fit
    the image, whose bytes it is given, in words after what the image is called; "" where nothing is wrong.
    """

    where: str
    load: Callable[[], bytes]
    values: Mapping[str, str]
    boxes: Mapping[str, Any] = field(default_factory=dict)
    problem: Callable[[bytes], str] = fits


@dataclass(frozen=True, kw_only=True)
class Rows:
    """All that a reader read: rows, the names of their columns, what is wrong, and what a card should say.

    classes: their names where the data declare them; empty where they are the values that occur.
    """

    rows: Sequence[Row]
    names: tuple[str, ...]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


def file_row(root: Path, path: str, values: Mapping[str, str], boxes: Mapping[str, Any] | None = None) -> Row:
    """The row of an image file at a path below `root`."""
    place = root / path
    return Row(where=path, load=lambda: read_image(place), values=values, boxes=boxes or {})
