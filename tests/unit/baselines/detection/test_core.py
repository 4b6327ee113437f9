"""The core: what a step sees, what is kept, and that a detector finds what it was shown."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.unit.baselines.detection.made import NAMES, SMALL, scenes

from farfield import AnnotatedImage
from farfield.families.toys import Scenes
from farfield_baselines.detection import faster_rcnn
from farfield_baselines.detection.accuracy import figure
from farfield_baselines.detection.core import mirror, target_of


def without_objects(listed: Scenes) -> Scenes:
    nothing = {"boxes": np.zeros((0, 4)), "labels": np.zeros(0, np.int64)}
    return Scenes(AnnotatedImage(image=scene.image, domain=scene.domain, **nothing) for scene in listed)


def test_a_mirrored_image_keeps_its_objects_within_their_boxes() -> None:
    [scene] = scenes(1)
    turned = mirror(scene)
    for (x1, y1, x2, y2), label in zip(turned.boxes.astype(int), turned.labels, strict=True):
        assert turned.image[y1:y2, x1:x2].min() == 230
        assert x2 - x1 == (96 // 6, 96 // 3)[label]
    np.testing.assert_array_equal(mirror(turned).boxes, scene.boxes)
    np.testing.assert_array_equal(mirror(turned).image, scene.image)


def test_masks_are_mirrored_with_their_objects_and_go_with_empty_boxes() -> None:
    [scene] = scenes(1)
    masks = np.zeros((2, 96, 96), bool)
    for mask, (x1, y1, x2, y2) in zip(masks, scene.boxes.astype(int), strict=True):
        mask[y1:y2, x1:x2] = True
    turned = mirror(replace(scene, masks=masks))
    assert turned.masks is not None
    for mask, (x1, y1, x2, y2) in zip(turned.masks, turned.boxes.astype(int), strict=True):
        assert mask[y1:y2, x1:x2].all()
        assert mask.sum() == (y2 - y1) * (x2 - x1)
    empty = replace(scene, masks=masks, boxes=np.stack([scene.boxes[0], [3.0, 3.0, 3.0, 9.0]]))
    assert target_of(empty, "cpu")["masks"].shape == (1, 96, 96)
    assert "masks" not in target_of(scene, "cpu")


def test_labels_count_from_the_background_and_empty_boxes_are_left_out() -> None:
    boxes = np.array([[0, 0, 5, 5], [3, 3, 3, 9], [1, 1, 4, 4]])
    scene = AnnotatedImage(image=np.zeros((9, 9, 3), np.uint8), boxes=boxes, labels=np.array([0, 1, 1]))
    target = target_of(scene, "cpu")
    assert target["boxes"].tolist() == [[0, 0, 5, 5], [1, 1, 4, 4]]
    assert target["labels"].tolist() == [1, 2]


def test_it_finds_squares_after_it_was_shown_squares(build: Any) -> None:
    """Nothing is found before; most are after 12 epochs of 24 images, in images that it has not seen."""
    detector = build(faster_rcnn.SPEC, {**SMALL, "epochs": 12}, **NAMES)
    unseen = scenes(8, seed=1)
    before = figure("average", detector.detect, unseen)
    detector.fit(scenes(24))
    assert before < 0.1
    assert figure("average", detector.detect, unseen) > 0.5


def test_the_best_epoch_on_the_validation_set_is_kept(build: Any) -> None:
    """Here nothing is to be found, so that the epochs get worse: squares are found the longer, the more."""
    told: list[str] = []
    config = {**SMALL, "epochs": 4, "lr": 5e-3, "schedule": "none"}
    detector = build(faster_rcnn.SPEC, config, **NAMES, log=told.append)
    val = without_objects(scenes(4, domains=(0, 1), seed=2))
    detector.fit(scenes(16, domains=(0, 1)), val=val)
    figures = [float(line.rsplit(" ", 1)[1]) for line in told]
    assert len(figures) == 4
    assert figures[-1] < max(figures)
    assert figure("domain-mean", detector.detect, val) == pytest.approx(max(figures), abs=1e-4)


def test_without_a_choice_the_last_epoch_is_kept_and_nothing_measured(build: Any) -> None:
    told: list[str] = []
    detector = build(faster_rcnn.SPEC, {**SMALL, "select": "last"}, **NAMES, log=told.append)
    detector.fit(scenes(2), val=scenes(2, seed=2))
    assert not told


def test_a_set_without_objects_teaches_that_there_are_none(build: Any) -> None:
    empty = without_objects(scenes(3))
    detector = build(faster_rcnn.SPEC, SMALL, **NAMES)
    detector.fit(empty)
    assert all(np.isfinite(found.boxes).all() for found in detector.detect([scene.image for scene in empty]))
