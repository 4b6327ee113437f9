"""Detections matched with objects by hotcoco, which gives pycocotools' arrays to the bit: images in bounded portions.

Lin et al. 2014 and cocodataset.org, detection evaluation. At each of ten overlaps detections of a class are matched
greedily from the highest score, at most 100 an image and class. Of equal scores in an image the one that comes first
goes first, and of equal ones in several images that of the image that comes first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, NamedTuple

import numpy as np

from farfield_evaluators.data.columns import Array, Ints
from farfield_evaluators.scoring.coco.curves import Curves, Floats
from farfield_evaluators.scoring.scorer import ScorerError

IMAGES, WITH_MASKS = 256, 16  # in one portion; run lengths become lists of Python's numbers


class Masks(NamedTuple):
    """Of one image or of several each mask as a COCO object with size and counts, and areas [D] in pixels."""

    areas: Ints
    coded: list[dict[str, Any]]

    @classmethod
    def together(cls, several: Iterable["Masks"]) -> "Masks":
        """Those of several images, one after the other."""
        areas, coded = zip(*several, strict=True)
        return cls(areas=np.concatenate(areas), coded=list(chain.from_iterable(coded)))


@dataclass(frozen=True, kw_only=True)
class Objects:
    """What is in the images: of each object its image [G] and class [G] by number, and box [G, 4], x, y, width, height.

    They are in the order of images. areas [G]: in pixels, as annotated. crowd [G]: a crowd stands for any number of
    objects, and detections in it are neither right nor wrong. outlines: where masks are compared those of each image in
    turn, polygons or run lengths as COCO's JSON has them.
    """

    images: Ints
    classes: Ints
    boxes: Floats
    areas: Floats
    crowd: Array
    outlines: Iterable[Sequence[object]] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class Detections:
    """What is said to be there: images [D] and classes [D] by number, boxes [D, 4] as x, y, width, height, scores [D].

    They are in the order of images. With masks, of each image in turn, these are compared, and boxes are not looked at.
    """

    images: Ints
    classes: Ints
    boxes: Floats
    scores: Floats
    masks: Iterable[Masks] | None = field(default=None, repr=False)


def curves(objects: Objects, detections: Detections, sizes: Ints, classes: int) -> Curves:
    """The curves of so many classes, over images [N] of these sizes [N, 2], height and width.

    The area of a detection decides whether it counts among the small ones, and so on: that of its mask where masks are
    compared, else of its box. Raises ScorerError where hotcoco is missing.
    """
    names = [{"id": number, "name": str(number)} for number in range(classes)]
    matching = _hotcoco().StreamingEval(names, "bbox" if detections.masks is None else "segm")
    together = IMAGES if detections.masks is None else WITH_MASKS
    outlines, masks = iter(objects.outlines), None if detections.masks is None else iter(detections.masks)
    for start in range(0, len(sizes), together):
        images = range(start, min(start + together, len(sizes)))
        listed = [{"id": n, "height": int(sizes[n, 0]), "width": int(sizes[n, 1])} for n in images]
        drawn = list(chain.from_iterable(islice(outlines, len(images))))  # all, also of images at its end without one
        shown = _annotations(objects, _rows(objects.images, images), drawn)
        said = _rows(detections.images, images)
        own = None if masks is None else Masks.together(islice(masks, len(images)))
        matching.update(listed, shown, _table(detections, said, own), **_coded(own))
    matched = matching.finalize()
    matched.accumulate()
    return Curves(precision=np.asarray(matched.eval["precision"]), recall=np.asarray(matched.eval["recall"]))


def _rows(of_images: Ints, images: range) -> Ints:
    """Where the rows of these images are, among rows in the order of images."""
    ends = np.searchsorted(of_images, [images.start, images.stop])
    return np.arange(*ends)


def _annotations(objects: Objects, rows: Ints, outlines: Iterable[object]) -> list[dict[str, Any]]:
    columns = (objects.images, objects.classes, objects.boxes, objects.areas, objects.crowd.astype(np.int64))
    names = ("id", "image_id", "category_id", "bbox", "area", "iscrowd")
    values = zip((rows + 1).tolist(), *(column[rows].tolist() for column in columns), strict=True)
    annotations = [dict(zip(names, value, strict=True)) for value in values]
    for annotation, outline in zip(annotations, outlines, strict=False):  # there are none where boxes are compared
        annotation["segmentation"] = outline
    return annotations


def _table(detections: Detections, rows: Ints, masks: Masks | None) -> Floats:
    """The table [D, 7] of image, box, score and class that hotcoco takes.

    It takes the area of the box there, with masks too, so that of the mask is written as one.
    """
    boxes = detections.boxes[rows] if masks is None else np.zeros((len(rows), 4))
    if masks is not None:
        boxes[:, 2], boxes[:, 3] = masks.areas, 1
    columns = (detections.images[rows], boxes, detections.scores[rows], detections.classes[rows])
    table: Floats = np.column_stack(columns).astype(np.float64)
    return table


def _coded(masks: Masks | None) -> dict[str, Any]:
    return {} if masks is None else {"segmentation": masks.coded}


def _hotcoco() -> Any:
    try:
        import hotcoco
    except ImportError as error:
        says = "COCO's figures are computed by hotcoco, which is not installed; install farfield-platform[worker]"
        raise ScorerError(says) from error
    return hotcoco
