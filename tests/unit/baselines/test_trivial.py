"""The floors: what they answer is known beforehand."""

from collections.abc import Callable
from typing import Any

import numpy as np

from farfield import AnnotatedImage, Batch
from farfield_baselines.classification import constant
from farfield_baselines.few_shot_detection import centre_box
from farfield_baselines.generalization import class_means
from farfield_baselines.ood_detection import constant_detector

Make = Callable[..., Any]


def test_constant_is_the_most_frequent_class(build: Make, labeled: Make) -> None:
    images = np.zeros((5, 8, 8, 3), np.uint8)
    method = build(constant.SPEC)
    method.fit(labeled(images, [1, 2, 1, 0, 1]))
    assert method.predict(images).argmax(axis=1).tolist() == [1] * 5


def test_constant_takes_the_first_of_equals(build: Make, labeled: Make) -> None:
    images = np.zeros((2, 8, 8, 3), np.uint8)
    method = build(constant.SPEC)
    method.fit(labeled(images, [2, 1]))
    assert method.predict(images).argmax(axis=1).tolist() == [1, 1]


def test_constant_detector_scores_all_alike(build: Make, labeled: Make, rng: np.random.Generator) -> None:
    images = rng.integers(0, 256, (4, 8, 8, 3), dtype=np.uint8)
    method = build(constant_detector.SPEC)
    method.fit(labeled(images, [2, 2, 1, 0]))
    score, logits = method.score(images)
    assert score.tolist() == [0.0] * 4
    assert logits.argmax(axis=1).tolist() == [2] * 4


def test_class_means_over_two_domains(build: Make) -> None:
    method = build(class_means.SPEC)
    dark, light = np.zeros((2, 32, 32, 3), np.uint8), np.full((2, 32, 32, 3), 255, np.uint8)
    halves = [Batch(inputs=x, labels=np.full(2, label), domains=np.full(2, 0)) for label, x in enumerate((dark, light))]
    assert method.update(halves) == {"squared_distance": 0.0}
    assert method.predict(light)[:, :2].argmax(axis=1).tolist() == [1, 1]
    np.testing.assert_allclose(method.predict(dark)[0], [0.0, -48.0, 0.0])


def test_coarse_colours_keep_their_place() -> None:
    image = np.zeros((1, 32, 32, 3), np.uint8)
    image[0, :8, 8:16, 2] = 255
    assert np.flatnonzero(class_means.coarse(image)).tolist() == [1 * 3 + 2]


def scene(boxes: Any, labels: Any, height: int = 50, width: int = 100) -> AnnotatedImage:
    image = np.zeros((height, width, 3), np.uint8)
    return AnnotatedImage(image=image, boxes=np.array(boxes, float).reshape(-1, 4), labels=np.array(labels, np.int64))


def test_centre_box_is_the_mean_relative_novel_box(build: Make) -> None:
    method = build(centre_box.SPEC, novel_classes=(1, 2))
    first = scene([[0, 0, 50, 50], [90, 40, 100, 50]], [2, 0])
    second = scene([[50, 25, 100, 50], [0, 0, 0, 0]], [2, 0])
    method.fit_novel([first, second])
    [found] = method.detect([np.zeros((200, 100, 3), np.uint8)])
    np.testing.assert_allclose(found.boxes, [[25.0, 50.0, 75.0, 200.0]])
    assert found.labels.tolist() == [2]


def test_centre_box_finds_nothing_without_a_novel_instance(build: Make) -> None:
    method = build(centre_box.SPEC, novel_classes=(2,))
    method.fit_novel([scene([[0, 0, 5, 5]], [0])])
    [found] = method.detect([np.zeros((8, 8, 3), np.uint8)])
    assert found.boxes.shape == (0, 4)
    assert found.labels.tolist() == []
