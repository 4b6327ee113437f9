"""Val-sized results scored as `farfield score coco-fewshot` does against pycocotools: boxes, and masks.

Objects and detections are ellipses, seeded: 5,000 images, 80 categories, 100 detections an image, about half of them
near an object. Both sides read the same files, and each runs in a process of its own, whose start counts.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from hotcoco import mask

from bench.result import Result
from bench.timing import in_turn

IMAGES, CATEGORIES, DETECTIONS, OBJECTS = 5000, 80, 100, 7.3  # detections and objects an image
HEIGHT, WIDTH, CORNERS, SEED = 480, 640, 12, 0
RUNS = 1  # pycocotools takes three quarters of a minute
Floats = npt.NDArray[np.float64]
Generator = np.random.Generator


def measure(scratch: Path, *, quick: bool) -> Iterator[Result]:
    """Once for boxes and once for masks, with the check that all twelve figures are equal to the last bit."""
    images = 50 if quick else IMAGES
    truth = write(scratch, images)
    for kind, iou_type in (("boxes", "bbox"), ("masks", "segm")):
        stats: dict[str, Any] = {}

        def side(module: str, iou_type: str = iou_type, stats: dict[str, Any] = stats) -> None:
            words = [sys.executable, "-m", f"bench.{module}", str(truth), str(scratch / f"{iou_type}.json"), iou_type]
            stats[module] = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)

        ours, peer = in_turn(partial(side, "coco_ours"), partial(side, "coco_theirs"), RUNS)
        if stats["coco_ours"] != stats["coco_theirs"]:
            raise SystemExit(f"the figures of {kind} differ: {stats}")
        name = f"{kind}, {images * DETECTIONS:,} detections"
        yield Result(
            row=4, name=name, ours=ours, peer=peer, unit="s",
            peer_name="pycocotools", peer_version=version("pycocotools"), goal=10,
        )  # fmt: skip


def write(folder: Path, images: int) -> Path:
    """The files truth.json, bbox.json and segm.json; returns the first."""
    rng = np.random.default_rng(SEED)
    ids = np.sort(rng.choice(600_000, images, replace=False)).tolist()
    objects = [_objects(rng) for _ in ids]
    listed = [each for number, own in zip(ids, objects, strict=True) for each in _annotations(number, *own)]
    annotations = [{**each, "id": number} for number, each in enumerate(listed, 1)]
    sizes = [{"id": number, "height": HEIGHT, "width": WIDTH, "file_name": f"{number}.jpg"} for number in ids]
    categories = [{"id": number, "name": f"category {number}"} for number in range(1, CATEGORIES + 1)]
    document = {"images": sizes, "annotations": annotations, "categories": categories}
    (folder / "truth.json").write_text(json.dumps(document), encoding="utf-8")
    with (folder / "bbox.json").open("w") as boxes, (folder / "segm.json").open("w") as masks:
        for place, (number, own) in enumerate(zip(ids, objects, strict=True)):
            before = ", " if place else "["
            for file, part in zip((boxes, masks), _results(rng, number, *own), strict=True):
                file.write(before + json.dumps(part)[1:-1])
        boxes.write("]")
        masks.write("]")
    return folder / "truth.json"


def _boxes(rng: Generator, count: int) -> Floats:
    sides = np.exp(rng.normal(4, 1, (count, 2))).clip(2, 400)
    return np.concatenate([rng.random((count, 2)) * ([WIDTH, HEIGHT] - sides), sides], axis=1).round(2)


def _objects(rng: Generator) -> tuple[Floats, npt.NDArray[np.int64]]:
    count = int(rng.poisson(OBJECTS))
    return _boxes(rng, count), rng.integers(1, CATEGORIES + 1, count)


def _ellipses(boxes: Floats) -> list[list[float]]:
    angles = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    around = np.stack([np.cos(angles), np.sin(angles)], axis=1) / 2 + 0.5
    corners: list[list[float]] = (
        (boxes[:, None, :2] + around * boxes[:, None, 2:]).round(2).reshape(len(boxes), 2 * CORNERS).tolist()
    )
    return corners


def _coded(corners: list[float]) -> dict[str, Any]:
    coded = mask.fr_poly(corners, HEIGHT, WIDTH)
    return {"size": [HEIGHT, WIDTH], "counts": coded["counts"].decode()}


def _annotations(image: int, boxes: Floats, categories: npt.NDArray[np.int64]) -> Iterator[dict[str, Any]]:
    for box, category, corners in zip(boxes.tolist(), categories.tolist(), _ellipses(boxes), strict=True):
        area = float(mask.area(mask.fr_poly(corners, HEIGHT, WIDTH)))
        own = {"image_id": image, "category_id": category, "bbox": box, "area": area, "iscrowd": 0}
        yield {**own, "segmentation": [corners]}


def _results(
    rng: Generator, image: int, boxes: Floats, categories: npt.NDArray[np.int64]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The same detections as boxes and as masks."""
    said, labels = _boxes(rng, DETECTIONS), rng.integers(1, CATEGORIES + 1, DETECTIONS)
    if len(boxes):
        near = np.flatnonzero(rng.random(DETECTIONS) < 0.5)
        of = rng.integers(0, len(boxes), len(near))
        said[near] = boxes[of] * (1 + 0.1 * rng.normal(size=(len(near), 4)))
        labels[near] = np.where(rng.random(len(near)) < 0.8, categories[of], labels[near])
    said[:, 2:] = np.abs(said[:, 2:]).clip(1, 400)
    said[:, :2] = np.clip(said[:, :2], 0, [WIDTH, HEIGHT] - said[:, 2:])
    said = said.round(2)
    scores = rng.beta(0.5, 2, DETECTIONS).round(4).tolist()
    usual = [
        {"image_id": image, "category_id": label, "score": score}
        for label, score in zip(labels.tolist(), scores, strict=True)
    ]
    masks = [{**own, "segmentation": _coded(corners)} for own, corners in zip(usual, _ellipses(said), strict=True)]
    return [{**own, "bbox": box} for own, box in zip(usual, said.tolist(), strict=True)], masks
