"""Figures of masks from a run's arrays and a pack's columns are pycocotools', of novel, base and all classes."""

import json
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as masks_of
from tests.unit.evaluators.scoring.coco_cases import CLASSES, Case, case, reference

from farfield.runtime.masks import encode
from farfield_evaluators.scoring.coco import Coco
from farfield_evaluators.scoring.scorer import Wanted, score_tests
from farfield_evaluators.scoring.test import Test

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of pycocotools


def runs_of(coded: dict[str, Any]) -> Any:
    return encode(np.asarray(masks_of.decode(coded)).astype(bool))


def columns(own: Case) -> dict[str, Any]:
    listed = [[each for each in own.annotations if each["image_id"] == image["id"]] for image in own.images]
    flat = [each for of_image in listed for each in of_image]
    texts = ["\n".join(json.dumps(each["segmentation"]) for each in of_image).encode() for of_image in listed]
    return {
        "boxes": np.array([each["bbox"] for each in flat]).reshape(-1, 4),
        "boxes-rows": np.array([len(of_image) for of_image in listed]),
        "box-labels": np.array([[each["category_id"] // 2] for each in flat], np.int64).reshape(-1, 1),
        "box-area": np.array([[each["area"]] for each in flat]).reshape(-1, 1),
        "box-crowd": np.array([[each["iscrowd"]] for each in flat], np.int64).reshape(-1, 1),
        "masks": np.frombuffer(b"".join(texts), np.uint8).reshape(-1, 1),
        "masks-rows": np.array([len(text) for text in texts]),
        "size": np.array([[image["height"], image["width"]] for image in own.images]),
    }


def outputs(own: Case) -> dict[str, Any]:
    listed = [[each for each in own.results if each["image_id"] == image["id"]] for image in own.images]
    coded = [[runs_of(each["segmentation"]) for each in of_image] for of_image in listed]
    flat = [each for of_image in listed for each in of_image]
    return {
        "boxes": np.zeros((len(flat), 4), np.float32),
        "boxes-rows": np.array([len(of_image) for of_image in listed]),
        "labels": np.array([each["category_id"] // 2 for each in flat], np.int32),
        "scores": np.array([each["score"] for each in flat]),
        "mask-runs": np.array([len(runs) for of_image in coded for runs in of_image], np.int32),
        "mask-runs-rows": np.array([len(of_image) for of_image in listed]),
        "masks": np.concatenate([np.zeros(0, np.uint32), *(runs for of_image in coded for runs in of_image)]),
        "masks-rows": np.array([sum(map(len, of_image)) for of_image in coded]),
    }


def made(own: Case) -> Test:
    given = {"targets": columns(own), "outputs": outputs(own)}
    return Test(domain="test", role="id", count=len(own.images), classes=CLASSES, **given)


@pytest.mark.parametrize("seed", [11, 14, 17, 21, 30])
def test_figures_of_masks_are_pycocotools(seed: int) -> None:
    own = case(seed)
    scorers = (
        Coco(masks=True),
        Coco(masks=True, prefix="n", classes=(1, 2)),
        Coco(masks=True, prefix="b", classes=(0,)),
    )
    wanted = Wanted(metrics=frozenset(metric.name for scorer in scorers for metric in scorer.gives))
    values = {f.metric: f.value for f in score_tests(scorers, [made(own)], wanted) if f.domain == "test"}
    for prefix, ids in (("", None), ("n", [3, 5]), ("b", [1])):
        stats = reference(own, "segm", ids).stats
        places = {"ap": 0, "ap50": 1, "ap75": 2, "ap-small": 3, "ap-medium": 4, "ap-large": 5, "ar1": 6, "ar10": 7}
        for name, place in (places | {"ar": 8, "ar-small": 9, "ar-medium": 10, "ar-large": 11}).items():
            assert values.get(f"mask-{prefix}{name}", -1.0) == stats[place], (prefix, name)


def test_a_detection_without_a_mask_finds_nothing() -> None:
    test = made(case(11))
    gone = {"mask-runs": np.zeros_like(test.outputs["mask-runs"]), "masks": np.zeros(0, np.uint32)}
    bare = test.with_outputs({**test.outputs, **gone, "masks-rows": np.zeros(len(test), np.int64)})
    wanted = Wanted(metrics=frozenset({"mask-ap", "mask-ar"}))
    assert {figure.value for figure in score_tests((Coco(masks=True),), [bare], wanted)} == {0.0}
