"""Figures of multi-label sets are those of CLIP_benchmark's own function; an image's order says nothing."""

import numpy as np
import torch
from clip_benchmark.metrics.zeroshot_classification import average_precision_per_class

from farfield_evaluators.scoring.test import Test
from farfield_evaluators.suites.clip_benchmark.scoring import (
    MEAN_AVERAGE_PRECISION,
    mean_average_precision,
    shown_classes,
)

IMAGES, CLASSES = 60, 7


def test_the_mean_average_precision_is_clip_benchmarks() -> None:
    rng = np.random.default_rng(0)
    scores, shown = rng.normal(size=(IMAGES, CLASSES)).astype(np.float32), rng.random((IMAGES, CLASSES)) < 0.3
    shown[:, 2], shown[:, 5] = False, True  # a class of no image, and one of all
    theirs = average_precision_per_class(torch.from_numpy(scores), torch.from_numpy(shown).float())
    assert np.isclose(mean_average_precision(scores, shown), theirs.mean().item(), atol=1e-6)


def test_images_of_equal_scores_are_one_step() -> None:
    shown = np.array([[True], [False], [False], [True]])
    assert mean_average_precision(np.zeros((4, 1)), shown) == mean_average_precision(np.zeros((4, 1)), ~shown) == 0.5


def test_a_test_knows_the_classes_of_each_image() -> None:
    targets = {"present": np.array([[0], [2], [1]]), "present-rows": np.array([2, 0, 1])}
    outputs = {"logits": np.array([[3.0, 1.0, 2.0], [2.0, 2.0, 1.0], [1.0, 3.0, 0.0]])}
    test = Test(domain="test", role="id", count=3, outputs=outputs, targets=targets, classes=3)
    assert shown_classes(test).astype(int).tolist() == [[1, 0, 1], [0, 0, 0], [0, 1, 0]]
    estimate = MEAN_AVERAGE_PRECISION.of(test)
    assert estimate is not None
    assert estimate.value == 1.0
