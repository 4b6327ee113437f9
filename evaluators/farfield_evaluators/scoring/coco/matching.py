"""Detections matched with objects by hotcoco, which gives pycocotools' arrays to the bit: images in bounded portions.

Lin et al. 2014 and cocodataset.org, detection evaluation. At each of ten overlaps detections of a class are matched
greedily from the highest score, at most 100 an image and class. Of equal scores in an image the one that comes first
goes first, and of equal ones in several images that of the image that comes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from farfield_evaluators.data.columns import Array, Ints
from farfield_evaluators.scoring.coco.curves import Curves, Floats
from farfield_evaluators.scoring.scorer import ScorerError

IMAGES = 256  # in one portion


class Masks(Protocol):
    """The masks of detections: their areas [D] in pixels, and each as a COCO object with size and counts."""

    @property
    def areas(self) -> Array: ...
    def written(self, places: Ints) -> list[dict[str, Any]]: ...


@dataclass(frozen=True, kw_only=True)
class Objects:
    """What is in the images: of each object its image [G] and class [G] by number, and box [G, 4], x, y, width, height.

    areas [G]: in pixels, as annotated. crowd [G]: a crowd stands for any number of objects, and detections in it are
    neither right nor wrong. outlines: as COCO's JSON has them, polygons or run lengths, where masks are compared.
    """

    images: Ints
    classes: Ints
    boxes: Floats
    areas: Floats
    crowd: Array
    outlines: Sequence[object] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class Detections:
    """What is said to be there: images [D] and classes [D] by number, boxes [D, 4] as x, y, width, height, scores [D].

    With masks these are compared, and boxes are not looked at.
    """

    images: Ints
    classes: Ints
    boxes: Floats
    scores: Floats
    masks: Masks | None = None


def curves(objects: Objects, detections: Detections, sizes: Ints, classes: int) -> Curves:
    """The curves of so many classes, over images [N] of these sizes [N, 2], height and width.

    The area of a detection decides whether it counts among the small ones, and so on: that of its mask where masks are
    compared, else of its box. Raises ScorerError where hotcoco is missing.
    """
    names = [{"id": number, "name": str(number)} for number in range(classes)]
    matching = _hotcoco().StreamingEval(names, "bbox" if detections.masks is None else "segm")
    of_images = _Rows(objects.images, len(sizes)), _Rows(detections.images, len(sizes))
    for start in range(0, len(sizes), IMAGES):
        images = range(start, min(start + IMAGES, len(sizes)))
        shown, said = (rows.of(images) for rows in of_images)
        listed = [{"id": n, "height": int(sizes[n, 0]), "width": int(sizes[n, 1])} for n in images]
        matching.update(listed, _annotations(objects, shown), *_results(detections, said))
    matched = matching.finalize()
    matched.accumulate()
    return Curves(precision=np.asarray(matched.eval["precision"]), recall=np.asarray(matched.eval["recall"]))


class _Rows:
    """Where the rows of images are, in their order."""

    def __init__(self, images: Ints, count: int) -> None:
        self._order = np.argsort(images, kind="stable")
        self._starts = np.searchsorted(images[self._order], np.arange(count + 1))

    def of(self, images: range) -> Ints:
        rows: Ints = self._order[self._starts[images.start] : self._starts[images.stop]]
        return rows


def _annotations(objects: Objects, rows: Ints) -> list[dict[str, Any]]:
    columns = (objects.images, objects.classes, objects.boxes, objects.areas, objects.crowd.astype(np.int64))
    names = ("id", "image_id", "category_id", "bbox", "area", "iscrowd")
    values = zip((rows + 1).tolist(), *(column[rows].tolist() for column in columns), strict=True)
    annotations = [dict(zip(names, value, strict=True)) for value in values]
    if len(objects.outlines):
        for annotation, row in zip(annotations, rows.tolist(), strict=True):
            annotation["segmentation"] = objects.outlines[row]
    return annotations


def _results(detections: Detections, rows: Ints) -> tuple[Any, ...]:
    """The table [D, 7] of image, box, score and class that hotcoco takes, and with it the masks."""
    boxes = detections.boxes[rows]
    if detections.masks is not None:  # hotcoco takes the area of the box here, which is then made that of the mask
        boxes = np.zeros((len(rows), 4))
        boxes[:, 2], boxes[:, 3] = detections.masks.areas[rows], 1
    table = np.column_stack((detections.images[rows], boxes, detections.scores[rows], detections.classes[rows]))
    return (table,) if detections.masks is None else (table, detections.masks.written(rows))


def _hotcoco() -> Any:
    try:
        import hotcoco
    except ImportError as error:
        says = "COCO's figures are computed by hotcoco, which is not installed; install farfield-platform[worker]"
        raise ScorerError(says) from error
    return hotcoco
