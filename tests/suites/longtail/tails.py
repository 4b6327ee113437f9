"""A test set of twelve classes whose training counts stand on and beside the bounds of both conventions."""

from collections.abc import Mapping

import numpy as np

from farfield_evaluators.data.columns import Attribute
from farfield_evaluators.scoring.test import LABEL, Test
from farfield_evaluators.suites.longtail.shots import BUCKETS, Convention

COUNTS = (400, 101, 100, 100, 99, 50, 21, 20, 20, 19, 10, 5)
IMAGES = 400
FREQUENCIES = tuple(0 if number < 4 else 1 if number < 9 else 2 for number in range(len(COUNTS)))


def run(seed: int, images: int = IMAGES, classes: int = len(COUNTS)) -> tuple[np.ndarray, np.ndarray]:
    """Logits [N, C] of a classifier that prefers large classes, and labels [N]; all numbers are of one generator."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, images)
    logits = rng.normal(size=(images, classes)) + 1.5 * np.eye(classes)[labels] + np.linspace(1, 0, classes)
    return logits, labels


def as_test(logits: np.ndarray, labels: np.ndarray, buckets: Mapping[str, np.ndarray]) -> Test:
    """The test set; buckets: of each column the bucket of every image [N], as a number of BUCKETS."""
    columns = {name: Attribute(numbers=numbers, values=BUCKETS) for name, numbers in buckets.items()}
    known = Attribute(numbers=labels, values=tuple(map(str, range(logits.shape[1]))))
    return Test(
        domain="test",
        role="shift",
        count=len(labels),
        outputs={"logits": logits},
        targets={LABEL: labels},
        attributes={**columns, LABEL: known},
        classes=logits.shape[1],
    )


def by_convention(convention: Convention, labels: np.ndarray, counts: tuple[int, ...] = COUNTS) -> np.ndarray:
    """The bucket of each image [N]."""
    return convention.buckets(counts)[labels]
