"""A file of COCO's annotations in little memory: images by id, and objects as arrays."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield.families.boxes import LARGEST_SIDE
from farfield_evaluators.own.coco import MOST_BOXES, annotation_problem, is_id, outline_of
from farfield_evaluators.own.places import path_problem
from farfield_evaluators.own.rows import MOST_ROWS
from farfield_evaluators.suites.fsdet.data.streamed import read_lists, read_text

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One image: where its file lies below its folder, and its size in pixels."""

    file: str
    height: int
    width: int


@dataclass(frozen=True, kw_only=True)
class Objects:
    """A annotations in the file's order: ids, images and categories [A] by COCO's numbers; boxes [A, 4], areas [A].

    Boxes are x, y, width and height in pixels. `outlines` are JSON as text, one each, empty without an outline.
    """

    ids: Ints
    images: Ints
    categories: Ints
    boxes: Floats
    areas: Floats
    crowd: npt.NDArray[np.bool_]
    outlines: Sequence[bytes] = field(repr=False)

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, kw_only=True)
class Document:
    """What one file holds, and all that is wrong with it."""

    name: str
    pictures: Mapping[int, Picture]
    categories: Mapping[int, str]
    objects: Objects
    problems: tuple[str, ...] = ()

    def rows_of(self, ids: Iterable[int]) -> list[int | None]:
        """The place of each annotation, by its id; None for one that is not here."""
        order, known = self._by_id
        wanted = np.array(list(ids), np.int64)
        near = np.minimum(np.searchsorted(known, wanted), max(0, len(known) - 1))
        return [
            int(order[place]) if len(known) and known[place] == number else None
            for place, number in zip(near.tolist(), wanted.tolist(), strict=True)
        ]

    @cached_property
    def _by_id(self) -> tuple[Ints, Ints]:
        """Places of objects in the order of their ids, and the ids."""
        order = np.argsort(self.objects.ids, kind="stable")
        return order, self.objects.ids[order]

    def by_image(self, rows: Ints) -> Iterator[tuple[int, Ints]]:
        """These objects [n] by image, images in ascending order, objects in the file's."""
        images = self.objects.images[rows]
        order = np.argsort(images, kind="stable")
        starts = np.flatnonzero(np.diff(images[order], prepend=-1)) if len(rows) else np.zeros(0, np.int64)
        for part in np.split(rows[order], starts[1:]) if len(rows) else ():
            yield int(self.objects.images[part[0]]), part


class Everything:
    """Holds whatever is asked for: membership is looked at when the whole file is known."""

    def __contains__(self, value: object) -> bool:
        return True


def read_document(path: Path) -> Document:
    """Raises PackError for what is no such JSON; what is wrong within it is named in `problems`."""
    reader = _Reader(path.name)
    takers = {"images": reader.image, "annotations": reader.annotation, "categories": reader.category}
    read_lists(path.name, read_text(path), takers)
    return reader.document()


class _Reader:
    """What a file held so far."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._problems: list[str] = []
        self._pictures: dict[int, Picture] = {}
        self._categories: dict[int, str] = {}
        self._numbers = {key: array("q") for key in ("ids", "images", "categories", "crowd")}
        self._boxes, self._areas = array("d"), array("d")
        self._outlines: list[bytes] = []

    def image(self, image: Mapping[str, Any], *_: int) -> None:
        key, problem = image.get("id"), _image_problem(image)
        if not is_id(key) or key in self._pictures:
            problem = "has no id of its own"
        if len(self._pictures) >= MOST_ROWS:
            problem = f"is beyond the first {MOST_ROWS:,}"
        if problem:
            self._say(f"image {str(key)[:40]} {problem}")
        else:
            picture = Picture(file=image["file_name"], height=image["height"], width=image["width"])
            self._pictures[int(str(key))] = picture

    def annotation(self, annotation: Mapping[str, Any], *_: int) -> None:
        key, outline = annotation.get("id"), outline_of(annotation)
        problem = annotation_problem(annotation, Everything(), Everything(), outline)
        if not is_id(key):
            problem = "has no id"
        if len(self._outlines) >= MOST_BOXES:
            problem = f"is beyond the first {MOST_BOXES:,}"
        if problem:
            self._say(f"annotation {str(key)[:40]} {problem}")
            return
        box = annotation["bbox"]
        values = (key, annotation["image_id"], annotation["category_id"], annotation.get("iscrowd", 0))
        for column, value in zip(self._numbers.values(), values, strict=True):
            column.append(int(str(int(value or 0))))
        self._boxes.extend(map(float, box))
        self._areas.append(float(annotation.get("area", box[2] * box[3])))
        self._outlines.append(outline.encode())

    def category(self, category: Mapping[str, Any], *_: int) -> None:
        key, name = category.get("id"), category.get("name")
        if not is_id(key) or not isinstance(name, str) or not name or key in self._categories:
            self._say(f"category {str(category)[:60]} has no id of its own and name")
        else:
            self._categories[int(str(key))] = name

    def document(self) -> Document:
        numbers = {key: np.array(values, np.int64) for key, values in self._numbers.items()}
        objects = Objects(
            ids=numbers["ids"],
            images=numbers["images"],
            categories=numbers["categories"],
            boxes=np.array(self._boxes, np.float64).reshape(-1, 4),
            areas=np.array(self._areas, np.float64),
            crowd=numbers["crowd"] != 0,
            outlines=self._outlines,
        )
        self._problems += self._strangers(objects)
        return Document(
            name=self._name,
            pictures=self._pictures,
            categories=self._categories,
            objects=objects,
            problems=tuple(self._problems),
        )

    def _strangers(self, objects: Objects) -> Iterator[str]:
        """Annotations of images and categories that the file does not have, and ids that come twice."""
        for what, column, known in (
            ("image", objects.images, self._pictures),
            ("category", objects.categories, self._categories),
        ):
            strange = ~np.isin(column, np.array(list(known), np.int64))
            for row in np.flatnonzero(strange).tolist():
                yield f"{self._name}: annotation {objects.ids[row]} is of no {what} here: {what}_id is {column[row]}"
        ids, counts = np.unique(objects.ids, return_counts=True)
        for key in ids[counts > 1].tolist():
            yield f"{self._name}: annotation {key} has no id of its own"

    def _say(self, problem: str) -> None:
        self._problems.append(f"{self._name}: {problem}")


def _image_problem(image: Mapping[str, Any]) -> str:
    place, sides = image.get("file_name"), (image.get("height"), image.get("width"))
    if not isinstance(place, str):
        return "has no file_name"
    if problem := path_problem(place):
        return f"{place[:60]!r}: {problem}"
    whole = all(isinstance(side, int) and not isinstance(side, bool) and 0 < side <= LARGEST_SIDE for side in sides)
    return "" if whole else "has no height and width in pixels"
