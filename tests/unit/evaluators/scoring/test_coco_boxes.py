"""Figures of boxes are those of COCO's own evaluation, to the last digits."""

import contextlib
import io
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from farfield_evaluators.scoring.coco import BOXES, Coco
from farfield_evaluators.scoring.scorer import Wanted, score_tests
from farfield_evaluators.scoring.test import Test

CLASSES = 3
WANTED = Wanted(metrics=frozenset(metric.name for metric in BOXES.gives))
PLACES = {"ap": 0, "ap50": 1, "ap75": 2, "ap-small": 3, "ap-medium": 4, "ap-large": 5, "ar1": 6, "ar10": 7, "ar": 8}
PLACES |= {"ar-small": 9, "ar-medium": 10, "ar-large": 11}


def boxes(rng: np.random.Generator, count: int) -> Any:
    """x, y, width, height: whole numbers, so that overlaps are equal at times."""
    return np.concatenate([rng.integers(0, 60, (count, 2)), rng.integers(1, 140, (count, 2))], axis=1).astype(float)


def case(seed: int, images: int = 12, most: int = 6, extra: int = 4) -> Test:
    """Objects, and detections near some of them with scores that are equal at times."""
    rng = np.random.default_rng(seed)
    rows, said = rng.integers(0, most, images), []
    right = boxes(rng, int(rows.sum()))
    labels = rng.integers(0, CLASSES, len(right))
    ends = [0, *np.cumsum(rows).tolist()]
    for image in range(images):
        own = slice(ends[image], ends[image + 1])
        near = np.abs(right[own] + rng.integers(-6, 7, right[own].shape))
        kept = rng.random(len(near)) < 0.8
        both = np.concatenate([near[kept], boxes(rng, int(rng.integers(0, extra)))])
        named = np.concatenate([labels[own][kept], rng.integers(0, CLASSES, len(both) - kept.sum())])
        said.append((both, named, rng.integers(0, 8, len(both)) / 8))
    found = np.concatenate([each[0] for each in said])
    corners = np.concatenate([found[:, :2], found[:, :2] + found[:, 2:]], axis=1)
    return Test(
        domain="test",
        role="id",
        count=images,
        classes=CLASSES,
        outputs={
            "boxes": corners.astype(np.float32),
            "boxes-rows": np.array([len(each[0]) for each in said]),
            "scores": np.concatenate([each[2] for each in said]).astype(np.float32),
            "labels": np.concatenate([each[1] for each in said]).astype(np.int32),
        },
        targets={
            "boxes": right,
            "boxes-rows": rows,
            "box-labels": labels[:, None],
            "box-area": (right[:, 2:].prod(axis=1) * rng.uniform(0.4, 1, len(right)))[:, None],
            "box-crowd": (rng.random(len(right)) < 0.15).astype(np.int64)[:, None],
        },
    )


def reference(test: Test, classes: tuple[int, ...] = tuple(range(CLASSES))) -> Any:
    targets, outputs = test.targets, test.outputs
    owners = np.repeat(np.arange(len(test)), targets["boxes-rows"]).tolist()
    annotations = [
        {"id": n + 1, "image_id": image, "category_id": int(label), "bbox": box, "area": float(area), "iscrowd": int(c)}
        for n, (image, label, box, area, c) in enumerate(
            zip(owners, targets["box-labels"][:, 0], targets["boxes"].tolist(), targets["box-area"][:, 0],
                targets["box-crowd"][:, 0], strict=True)
        )
    ]  # fmt: skip
    corners = outputs["boxes"].astype(float)
    sized = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1).tolist()
    of = np.repeat(np.arange(len(test)), outputs["boxes-rows"]).tolist()
    results = [
        {"image_id": image, "category_id": int(label), "bbox": box, "score": float(score)}
        for image, label, box, score in zip(of, outputs["labels"], sized, outputs["scores"], strict=True)
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {
            "info": {},
            "images": [{"id": n} for n in range(len(test))],
            "categories": [{"id": n} for n in range(CLASSES)],
            "annotations": annotations,
        }
        coco.createIndex()
        judged = COCOeval(coco, coco.loadRes(results), "bbox")
        judged.params.catIds = list(classes)
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return judged.stats


def figures(test: Test, scorer: Coco = BOXES) -> dict[str, float]:
    return {figure.metric: figure.value for figure in score_tests((scorer,), [test], WANTED) if figure.domain == "test"}


@pytest.mark.parametrize("seed", range(12))
def test_every_figure_is_cocos(seed: int) -> None:
    test = case(seed)
    stats, own = reference(test), figures(test)
    for metric, place in PLACES.items():
        assert own.get(metric, -1.0) == pytest.approx(float(stats[place]), abs=0, rel=0), metric


def test_more_than_a_hundred_detections_of_an_image_do_not_count() -> None:
    test = case(99, images=2, most=30, extra=400)
    stats = reference(test)
    assert figures(test)["ap"] == pytest.approx(float(stats[0]), abs=0, rel=0)
    assert figures(test)["ar"] == pytest.approx(float(stats[8]), abs=0, rel=0)


def test_some_classes_alone() -> None:
    test = case(5)
    assert figures(test, Coco(classes=(2,)))["ap"] == pytest.approx(float(reference(test, (2,))[0]), abs=0, rel=0)


def test_without_objects_there_is_no_figure_and_without_detections_it_is_zero() -> None:
    test = case(1)
    nothing = {"boxes": np.zeros((0, 4)), "scores": np.zeros(0), "labels": np.zeros(0, np.int32)}
    silent = test.with_outputs({**nothing, "boxes-rows": np.zeros(len(test), np.int64)})
    assert {figures(silent)[name] for name in ("ap", "ap50", "ar")} == {0.0}
    empty = {name: array[:0] for name, array in test.targets.items()} | {"boxes-rows": np.zeros(len(test), np.int64)}
    bare = Test(domain="test", role="id", count=len(test), classes=CLASSES, outputs=test.outputs, targets=empty)
    assert figures(bare) == {}
