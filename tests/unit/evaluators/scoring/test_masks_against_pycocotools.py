"""Figures of masks are those of COCO's own evaluation, to the last digits, from the arrays that a run brings."""

import contextlib
import io
import json
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as reference
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from farfield.runtime.masks import encode, split
from farfield_evaluators.scoring.coco import Coco
from farfield_evaluators.scoring.coco.matching import WITH_MASKS
from farfield_evaluators.scoring.masks import object_masks
from farfield_evaluators.scoring.scorer import Wanted, score_tests
from farfield_evaluators.scoring.test import Test

IMAGES = 30
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of pycocotools
NAMES = ("ap", "ap50", "ap75", "ap-small", "ap-medium", "ap-large")
NAMES += ("ar1", "ar10", "ar", "ar-small", "ar-medium", "ar-large")


def shapes(rng: np.random.Generator, count: int, size: tuple[int, int]) -> Any:
    """Rectangles that lack some of their pixels, and one that lacks all."""
    masks = np.zeros((count, *size), bool)
    for mask in masks[: max(0, count - (rng.random() < 0.2))]:
        top, left = (int(rng.integers(0, side - 4)) for side in size)
        mask[top : top + int(rng.integers(2, 40)), left : left + int(rng.integers(2, 40))] = True
        mask &= rng.random(size) < 0.95
    return masks


def seen(rng: np.random.Generator) -> Test:
    """Images of sizes of their own; detections are the objects' masks moved by a pixel, and others, or have none.

    The last image of the first portion has no object.
    """
    counts, said = {"objects": [], "found": []}, {"runs": [], "scores": [], "labels": []}  # type: ignore[var-annotated]
    text, labels, areas, lengths, sizes = [], [], [], [], []
    for number in range(IMAGES):
        most = 1 if number == WITH_MASKS - 1 else 4
        size = int(rng.integers(44, 70)), int(rng.integers(44, 70))
        masks, other = shapes(rng, int(rng.integers(0, most)), size), shapes(rng, int(rng.integers(0, 3)), size)
        found = [np.roll(mask, int(rng.integers(-1, 2)), axis=1) for mask in masks if rng.random() < 0.8] + list(other)
        runs = [encode(mask) if rng.random() < 0.9 else np.zeros(0, np.uint32) for mask in found]
        lines = [json.dumps({"size": list(size), "counts": encode(mask).tolist()}) for mask in masks]
        text.append("\n".join(lines).encode())
        labels += rng.integers(0, 2, len(masks)).tolist()
        areas += masks.sum(axis=(1, 2)).tolist()
        counts["objects"].append(len(masks))
        counts["found"].append(len(runs))
        lengths.append(sum(map(len, runs)))
        said["runs"] += runs
        said["scores"] += (rng.integers(1, 9, len(runs)) / 8).tolist()
        said["labels"] += rng.integers(0, 2, len(runs)).tolist()
        sizes.append(size)
    objects, detections = sum(counts["objects"]), sum(counts["found"])
    return Test(
        domain="test",
        role="id",
        count=IMAGES,
        classes=2,
        outputs={
            "boxes-rows": np.array(counts["found"]),
            "boxes": np.zeros((detections, 4)),
            "scores": np.array(said["scores"]),
            "labels": np.array(said["labels"]),
            "mask-runs": np.array([len(runs) for runs in said["runs"]]),
            "mask-runs-rows": np.array(counts["found"]),
            "masks-rows": np.array(lengths),
            "masks": np.concatenate(said["runs"]),
        },
        targets={
            "boxes-rows": np.array(counts["objects"]),
            "boxes": np.zeros((objects, 4)),
            "box-labels": np.array(labels)[:, None],
            "box-area": np.array(areas, float)[:, None],
            "box-crowd": (rng.random(objects) < 0.1).astype(int)[:, None],
            "masks": np.frombuffer(b"".join(text), np.uint8)[:, None],
            "masks-rows": np.array([len(part) for part in text]),
            "size": np.array(sizes),
            "size-rows": np.ones(IMAGES, int),
        },
    )


def by_pycocotools(test: Test) -> Any:
    """The twelve numbers of its summary. Masks are given as they are in the arrays."""
    sizes = test.targets["size"].tolist()
    coco, results = COCO(), as_results(test, sizes)
    coco.dataset = {
        "info": {},
        "images": [{"id": n, "height": size[0], "width": size[1]} for n, size in enumerate(sizes)],
        "categories": [{"id": n} for n in range(2)],
        "annotations": as_annotations(test, sizes),
    }
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
        judged = COCOeval(coco, coco.loadRes(results), "segm")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return judged.stats


def as_annotations(test: Test, sizes: Any) -> list[dict[str, Any]]:
    targets = test.targets
    images = np.repeat(np.arange(IMAGES), targets["boxes-rows"]).tolist()
    flat = (targets[name].reshape(-1).tolist() for name in ("box-labels", "box-area", "box-crowd"))
    runs = (own for of_image in object_masks(test) for own in of_image)
    return [
        {
            "id": number,
            "image_id": image,
            "category_id": label,
            "bbox": [0, 0, 1, 1],
            "area": area,
            "iscrowd": crowd,
            "segmentation": {"size": sizes[image], "counts": own.tolist()},
        }
        for number, (image, own, label, area, crowd) in enumerate(zip(images, runs, *flat, strict=True), 1)
    ]


def as_results(test: Test, sizes: Any) -> list[dict[str, Any]]:
    outputs, results = test.outputs, []
    images = np.repeat(np.arange(IMAGES), outputs["boxes-rows"]).tolist()
    coded = split(outputs["masks"], outputs["mask-runs"])
    for image, label, score, runs in zip(images, outputs["labels"], outputs["scores"], coded, strict=True):
        counts = runs.tolist() if len(runs) else [int(np.prod(sizes[image]))]
        mask = reference.frPyObjects({"size": sizes[image], "counts": counts}, *sizes[image])
        results.append({"image_id": image, "category_id": int(label), "score": float(score), "segmentation": mask})
    return results


@pytest.mark.parametrize("seed", range(4))
def test_figures_of_masks_are_those_of_pycocotools(seed: int) -> None:
    """More images than are matched together, some without an object, so that portions are put together rightly."""
    test, scorer = seen(np.random.default_rng(seed)), Coco(masks=True)
    theirs, wanted = by_pycocotools(test), Wanted(metrics=frozenset(metric.name for metric in scorer.gives))
    own = {figure.metric: figure.value for figure in score_tests((scorer,), [test], wanted)}
    assert own["mask-ap"] > 0
    for name, value in zip(NAMES, theirs, strict=True):
        assert own.get(f"mask-{name}", -1.0) == pytest.approx(float(value), abs=0, rel=0), name
