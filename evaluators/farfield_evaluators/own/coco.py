"""COCO's JSON: images with boxes, their classes, areas and outlines. Detection data of one's own.

One file, or a folder of several, whose names are then the splits. Images lie below the file's folder.
"""

import json
import math
from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from farfield.errors import reason
from farfield.packaging.files import read_regular
from farfield_evaluators.data.columns import PackColumn
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.own.places import path_problem
from farfield_evaluators.own.rows import MOST_ROWS, Row, Rows, file_row
from farfield_evaluators.own.spec import Data

MOST_BYTES = 1 << 30
MOST_BOXES = 20_000_000
MOST_CLASSES = 100_000
MOST_OUTLINE = 1 << 20  # characters of the outline of one object
BOXES = "boxes"
COLUMNS = (
    PackColumn(name=BOXES, kind="rows", width=4),  # x, y, width, height in pixels, from the upper left corner
    PackColumn(name="box-labels", kind="rows", dtype="int64"),  # numbers of the pack's classes
    PackColumn(name="box-area", kind="rows"),
    PackColumn(name="box-crowd", kind="rows", dtype="int64"),
    PackColumn(name="masks", kind="rows", dtype="uint8"),  # `segmentation` as JSON, a line for each box
)


def read_coco(path: Path, data: Data) -> Rows:
    """The images of one file, or of all in a folder. Raises PackError for what is no such JSON."""
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise PackError(f'{path} holds no .json file; data.kind = "coco" reads COCO\'s')
    read = [_File(name=file.name, values=_object(file)) for file in files]
    classes = _classes(read)
    numbers = {name: number for number, name in enumerate(classes)}
    rows = [row for file, place in zip(read, files, strict=True) for row in file.rows(place, data, numbers)]
    problems = [problem for file in read for problem in file.problems]
    if len(rows) > MOST_ROWS:
        raise PackError(f"{path} has more than {MOST_ROWS:,} images; that is more than can be imported at once")
    return Rows(rows=rows, names=("split",), problems=tuple(problems), classes=classes)


def _object(path: Path) -> Mapping[str, Any]:
    try:
        values = json.loads(read_regular(path, MOST_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        says = "it is nested too deep" if isinstance(error, RecursionError) else reason(error)
        raise PackError(f"{path} cannot be read as JSON: {says}") from error
    parts = ("images", "annotations", "categories")
    if not isinstance(values, dict) or not all(isinstance(values.get(part), list) for part in parts):
        raise PackError(f"{path.name} is not COCO's: it must be an object with the lists {', '.join(parts)}")
    return values


def _classes(files: "list[_File]") -> tuple[str, ...]:
    """Names by the categories' ids, the same in all files."""
    known: dict[int, str] = {}
    for file in files:
        for category in file.objects("categories", MOST_CLASSES):
            number, name = category.get("id"), category.get("name")
            if not isinstance(number, int) or not is_id(number) or not isinstance(name, str) or not name:
                raise PackError(f"{file.name}: the category {str(category)[:80]} has no id and name")
            if known.setdefault(number, name) != name:
                raise PackError(f"{file.name}: the category {str(category)[:80]} has the id of {known[number]!r}")
    names = tuple(known[number] for number in sorted(known))
    if not names or len(set(names)) != len(names):
        raise PackError(f"{files[0].name}: its categories must have names, no two alike")
    for file in files:
        file.ids = known
    return names


@dataclass(kw_only=True)
class _File:
    """One file, and what is wrong with it."""

    name: str
    values: Mapping[str, Any]
    ids: dict[int, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def objects(self, part: str, most: int) -> list[dict[str, Any]]:
        """The objects of a list. Raises PackError for something else in it, or too many."""
        listed: list[Any] = self.values[part]
        if len(listed) > most or not all(isinstance(each, dict) for each in listed):
            raise PackError(f"{self.name}: {part} must be a list of at most {most:,} objects")
        return listed

    def rows(self, path: Path, data: Data, numbers: Mapping[str, int]) -> list[Row]:
        images = self._images()
        boxes: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for number, annotation in enumerate(self.objects("annotations", MOST_BOXES), 1):
            problem = annotation_problem(annotation, images, self.ids, outline_of(annotation))
            if problem:
                self.problems.append(f"{self.name}: annotation {number} {problem}")
            else:
                boxes[annotation["image_id"]].append(annotation)
        folder = path.parent / data.images if data.images else path.parent
        return [
            file_row(folder, place, {"split": path.stem}, self._columns(boxes[key], numbers))
            for key, place in images.items()
        ]

    def _images(self) -> dict[int, str]:
        images: dict[int, str] = {}
        for number, image in enumerate(self.objects("images", MOST_ROWS), 1):
            key, place = image.get("id"), image.get("file_name")
            problem = path_problem(place) if isinstance(place, str) else "has no file_name"
            if not is_id(key) or key in images:
                problem = "has no id of its own"
            if problem:
                self.problems.append(f"{self.name}: image {number}, {str(place)[:60]!r}: {problem}")
            else:
                images[int(str(key))] = str(place)
        return images

    def _columns(self, annotations: list[dict[str, Any]], numbers: Mapping[str, int]) -> dict[str, Any]:
        return {
            BOXES: [each["bbox"] for each in annotations],
            "box-labels": [numbers[self.ids[each["category_id"]]] for each in annotations],
            "box-area": [each.get("area", each["bbox"][2] * each["bbox"][3]) for each in annotations],
            "box-crowd": [int(each.get("iscrowd", 0)) for each in annotations],
            "masks": "\n".join(map(outline_of, annotations)).encode(),
        }


def annotation_problem(
    annotation: Mapping[str, Any], images: Container[int], categories: Container[int], outline: str
) -> str:
    """Why an annotation is no object of one of these images and categories, by their ids; empty when it is.

    outline: what `outline_of` gives of it.
    """
    box, area = annotation.get("bbox"), annotation.get("area", 0)
    if not is_id(annotation.get("image_id")) or annotation["image_id"] not in images:
        return f"is of no image here: image_id is {str(annotation.get('image_id'))[:40]}"
    if not is_id(annotation.get("category_id")) or annotation["category_id"] not in categories:
        return f"is of no category here: category_id is {str(annotation.get('category_id'))[:40]}"
    if not isinstance(box, list) or len(box) != 4 or not all(map(_is_number, box)) or min(box[2:]) < 0:
        return "has no bbox of four numbers: x, y, width and height"
    if not _is_number(area) or area < 0 or annotation.get("iscrowd", 0) not in (0, 1):
        return "has no usable area or iscrowd: an area is at least 0, iscrowd is 0 or 1"
    return f"has an outline of more than {MOST_OUTLINE:,} characters" if len(outline) > MOST_OUTLINE else ""


def outline_of(annotation: Mapping[str, Any]) -> str:
    """Polygons or run lengths as the file has them, in one line."""
    outline = annotation.get("segmentation")
    return json.dumps(outline, separators=(",", ":"), sort_keys=True) if isinstance(outline, list | dict) else ""


def is_id(value: object) -> bool:
    """Whether it fits an int64, with room."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 62


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15 and math.isfinite(value)
