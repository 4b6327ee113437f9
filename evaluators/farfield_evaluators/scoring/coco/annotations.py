"""COCO's annotations as the truth that results are compared with: objects, the images' sizes, and the ids of both."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from farfield.errors import reason
from farfield.packaging.files import read_regular
from farfield_evaluators.data.columns import Ints
from farfield_evaluators.data.masks import outline_problem
from farfield_evaluators.numbers import is_number
from farfield_evaluators.problems import Problem, shown
from farfield_evaluators.scoring.coco.matching import Objects
from farfield_evaluators.scoring.coco.problems import BAD_ANNOTATION, MOST_PROBLEMS, NOT_ANNOTATIONS, CocoRefused

MOST_BYTES = 1 << 30
MOST_ID = 1 << 52  # a float holds all below
LARGEST = 1e9  # pixels
PARTS = ("images", "annotations", "categories")


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Ids of images [N] and of categories [K], each ascending; sizes [N, 2], height and width; and what is there."""

    images: Ints
    categories: Ints
    sizes: Ints
    objects: Objects = field(repr=False)


def read_truth(path: Path, *, masks: bool) -> Truth:
    """What a file of annotations says. Raises CocoRefused with everything that is wrong with it."""
    document, problems = _document(path), list[Problem]()
    images = _by_id(document["images"], "images", _image_problem(masks=masks), problems)
    categories = _by_id(document["categories"], "categories", lambda category: "", problems)
    annotations = list(_annotations(document["annotations"], images, categories, problems, masks=masks))
    if problems or not images or not categories:
        empty = Problem(code=NOT_ANNOTATIONS, where=path.name, says="it has no image, or no category")
        raise CocoRefused(problems or [empty])
    return _truth(images, categories, annotations, masks=masks)


def _document(path: Path) -> Mapping[str, Any]:
    try:
        values = json.loads(read_regular(path, MOST_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        says = "it is nested too deep" if isinstance(error, RecursionError) else reason(error)
        raise _refused(path, f"it cannot be read as JSON: {says}") from error
    if not isinstance(values, dict) or not all(isinstance(values.get(part), list) for part in PARTS):
        raise _refused(path, f"it must be an object with the lists {', '.join(PARTS)}, as COCO's instances_*.json")
    return values


def _refused(path: Path, says: str) -> CocoRefused:
    return CocoRefused([Problem(code=NOT_ANNOTATIONS, where=path.name, says=says)])


def _is_id(value: object) -> bool:
    return type(value) is int and 0 <= value < MOST_ID


def _by_id(
    listed: Iterable[Any], part: str, problem_of: Callable[[Mapping[str, Any]], str], problems: list[Problem]
) -> dict[int, Mapping[str, Any]]:
    """The objects of a list by their ids, ascending; what is wrong with others is added to the problems."""
    known: dict[int, Mapping[str, Any]] = {}
    for index, each in enumerate(listed):
        own = isinstance(each, dict) and _is_id(each.get("id")) and each["id"] not in known
        says = problem_of(each) if own else "has no id of its own, a whole number from 0"
        if says:
            _add(problems, f"{part}[{index}]", says)
        else:
            known[each["id"]] = each
    return {number: known[number] for number in sorted(known)}


def _add(problems: list[Problem], where: str, says: str) -> None:
    if len(problems) < MOST_PROBLEMS:
        problems.append(Problem(code=BAD_ANNOTATION, where=where, says=says))


def _image_problem(*, masks: bool) -> Callable[[Mapping[str, Any]], str]:
    """Sizes are needed for masks alone."""

    def problem_of(image: Mapping[str, Any]) -> str:
        sides = (image.get("height"), image.get("width"))
        fits = all(type(side) is int and 0 < side < 1 << 16 for side in sides)
        return "" if fits or not masks else f"has no height and width in pixels: {shown(sides)}"

    return problem_of


def _annotations(
    listed: Iterable[Any],
    images: Mapping[int, Mapping[str, Any]],
    categories: Mapping[int, Any],
    problems: list[Problem],
    *,
    masks: bool,
) -> Iterable[Mapping[str, Any]]:
    for index, each in enumerate(listed):
        says = _problem_of(each, images, categories) if isinstance(each, dict) else "must be an object"
        if not says and masks:
            image = images[each["image_id"]]
            says = outline_problem(each.get("segmentation"), image["height"], image["width"])
            says = f"has a segmentation that {says}" if says else ""
        if says:
            _add(problems, f"annotations[{index}]", says)
        else:
            yield each


def _problem_of(each: Mapping[str, Any], images: Mapping[int, Any], categories: Mapping[int, Any]) -> str:
    image, category, box = each.get("image_id"), each.get("category_id"), each.get("bbox")
    if not _is_id(image) or image not in images:
        return f"is of no image here: image_id is {shown(image)}"
    if not _is_id(category) or category not in categories:
        return f"is of no category here: category_id is {shown(category)}"
    if not isinstance(box, list) or len(box) != 4 or not all(map(_is_place, box)) or min(box[2:]) < 0:
        return f"has no bbox of four numbers, x, y, width and height from 0: {shown(box)}"
    area, crowd = each.get("area"), each.get("iscrowd", 0)
    if not is_number(area) or area < 0 or crowd not in (0, 1):
        return "has no area from 0, or an iscrowd that is neither 0 nor 1"
    return ""


def _is_place(value: object) -> bool:
    return is_number(value) and abs(value) <= LARGEST


def _truth(
    images: Mapping[int, Mapping[str, Any]],
    categories: Mapping[int, Any],
    annotations: list[Mapping[str, Any]],
    *,
    masks: bool,
) -> Truth:
    annotations = sorted(annotations, key=lambda each: each["image_id"])  # those of an image stay in their order
    image_ids, category_ids = np.array(list(images), np.int64), np.array(list(categories), np.int64)
    sizes = [(image["height"], image["width"]) if masks else (0, 0) for image in images.values()]
    objects = Objects(
        images=np.searchsorted(image_ids, np.array([each["image_id"] for each in annotations], np.int64)),
        classes=np.searchsorted(category_ids, np.array([each["category_id"] for each in annotations], np.int64)),
        boxes=np.array([each["bbox"] for each in annotations], np.float64).reshape(-1, 4),
        areas=np.array([each["area"] for each in annotations], np.float64),
        crowd=np.array([each.get("iscrowd", 0) for each in annotations], np.bool_),
        outlines=_outlines(images, annotations) if masks else (),
    )
    return Truth(images=image_ids, categories=category_ids, sizes=np.array(sizes, np.int64), objects=objects)


def _outlines(images: Iterable[int], annotations: list[Mapping[str, Any]]) -> list[list[object]]:
    """Of each image in turn."""
    known: dict[int, list[object]] = {image: [] for image in images}
    for each in annotations:
        known[each["image_id"]].append(each["segmentation"])
    return list(known.values())
