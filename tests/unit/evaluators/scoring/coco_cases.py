"""Random cases of COCO's evaluation, small and full of ties, and what pycocotools says of them."""

import contextlib
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from pycocotools import mask as masks_of
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

SIDES = (1, 2, 8, 30, 120, 200)
LENGTHS = (0, 1, 2, 5, 16, 31, 32, 33, 95, 96, 97)
EDGES = (0.0, 1024.0, 1024.0000001, 9215.9, 9216.0, 1e10, 2e10)  # areas at the boundaries, and beyond all of them
SCORES = (0.0, 0.25, 0.5, 0.5, 0.75, 1.0)
CLASSES = 3


@dataclass(frozen=True, kw_only=True)
class Case:
    """Of one data set the images, annotations and results, as COCO's JSON has them; images in ascending order of id."""

    images: list[dict[str, Any]]
    annotations: list[dict[str, Any]]
    results: list[dict[str, Any]]

    @property
    def categories(self) -> list[dict[str, Any]]:
        return [{"id": 2 * number + 1, "name": str(number)} for number in range(CLASSES)]

    @property
    def document(self) -> dict[str, Any]:
        return {"images": self.images, "annotations": self.annotations, "categories": self.categories}


def case(seed: int) -> Case:
    """At times crowds, empty images, equal scores, over 100 detections, degenerate boxes and masks, or all of them."""
    rng = np.random.default_rng(seed)
    side, count = int(rng.choice(SIDES)), int(rng.integers(1, 6))
    images = [{"id": 7 * n + 3, "height": side, "width": side + int(rng.integers(0, 3))} for n in range(count)]
    annotations = [each for image in images for each in _objects(rng, image)]
    for number, annotation in enumerate(annotations, 1):
        annotation["id"] = number
    results = [each for image in images for each in _results(rng, image, annotations)]
    rng.shuffle(results)  # type: ignore[arg-type]
    return Case(images=images, annotations=annotations, results=results)


def _objects(rng: np.random.Generator, image: dict[str, Any]) -> list[dict[str, Any]]:
    return [_object(rng, image) for _ in range(0 if rng.random() < 0.15 else int(rng.integers(0, 7)))]


def _object(rng: np.random.Generator, image: dict[str, Any]) -> dict[str, Any]:
    box = _box(rng, image)
    area = float(rng.choice([box[2] * box[3], 0.6 * box[2] * box[3], *EDGES]))
    outline = _outline(rng, image, box)
    kind = rng.integers(0, 4)
    if kind == 0 and min(box[2:]) > 0:  # polygons; pycocotools takes a crowd's to be run lengths
        x, y, w, h = box
        outline = [[x, y, x + w, y, x + w, y + h, x, y + h], [x, y, x + w / 2, y + h, x, y + h / 2]]
    elif kind == 1:
        mask = np.asarray(masks_of.decode(outline)).reshape(-1, order="F")
        outline = {"size": outline["size"], "counts": _runs(mask)}
    crowd = int(rng.random() < 0.2)
    labelled = {"image_id": image["id"], "category_id": 2 * int(rng.integers(0, CLASSES)) + 1, "iscrowd": crowd}
    return {**labelled, "bbox": box, "area": area, "segmentation": outline}


def _runs(mask: Any) -> list[int]:
    turns = np.flatnonzero(np.diff(mask, prepend=0))
    return np.diff(turns, prepend=0, append=len(mask)).tolist()  # type: ignore[no-any-return]


def _results(
    rng: np.random.Generator, image: dict[str, Any], annotations: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    own = [each for each in annotations if each["image_id"] == image["id"]]
    count = int(rng.integers(0, 9)) + (150 if rng.random() < 0.03 else 0)
    return [_result(rng, image, own) for _ in range(count)]


def _result(rng: np.random.Generator, image: dict[str, Any], own: list[dict[str, Any]]) -> dict[str, Any]:
    box, label = _box(rng, image), 2 * int(rng.integers(0, CLASSES)) + 1
    if own and rng.random() < 0.7:
        near = own[int(rng.integers(len(own)))]
        box = np.abs(np.array(near["bbox"]) + rng.integers(-2, 3, 4) * (rng.random() < 0.6)).tolist()
        label = near["category_id"] if rng.random() < 0.8 else label
    score = float(rng.choice([*SCORES, rng.random()]))
    outline = _outline(rng, image, box)
    return {"image_id": image["id"], "category_id": label, "bbox": box, "score": score, "segmentation": outline}


def _box(rng: np.random.Generator, image: dict[str, Any]) -> list[float]:
    box = np.concatenate([rng.integers(0, image["height"] + 1, 2), rng.choice(LENGTHS, 2)]).astype(float)
    return [float(value) for value in box + (rng.random(4) if rng.random() < 0.3 else 0)]


def _outline(rng: np.random.Generator, image: dict[str, Any], box: list[float]) -> dict[str, Any]:
    mask = np.zeros((image["height"], image["width"]), np.uint8, order="F")
    x, y, width, height = map(int, box)
    mask[y : y + height, x : x + width] = 1
    kind = rng.random()
    if kind < 0.3:
        mask &= rng.random(mask.shape) < 0.7
    elif kind < 0.4:
        mask[:] = kind < 0.35  # all of the image, or nothing
    coded = masks_of.encode(mask)
    return {"size": coded["size"], "counts": coded["counts"].decode()}


def reference(case: Case, iou_type: str, classes: list[int] | None = None) -> Any:
    """COCOeval after its evaluation, of these category ids or all.

    For masks boxes are left out of results, as FsDet does: or their areas would count.
    """
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {"info": {}, **case.document, "annotations": [dict(each) for each in case.annotations]}
        truth.createIndex()
        leave_out = "bbox" if iou_type == "segm" else "segmentation"
        results = [{name: value for name, value in each.items() if name != leave_out} for each in case.results]
        judged = COCOeval(truth, truth.loadRes(results), iou_type)
        judged.params.catIds = classes or judged.params.catIds
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return judged
