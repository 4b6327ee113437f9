"""Detection accuracy: what counts as found, and how images and domains are summed up."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.baselines.detection.made import scenes

from farfield import Detections
from farfield_baselines.detection.accuracy import figure, image_accuracy
from farfield_evaluators.suites.wilds.scoring import detection_accuracy

SQUARE = [[0.0, 0.0, 10.0, 10.0]]


def said(boxes: Any, scores: Any) -> Detections:
    rows = np.array(boxes, float).reshape(-1, 4)
    return Detections(boxes=rows, scores=np.array(scores, float), labels=np.zeros(len(rows), int))


@pytest.mark.parametrize(
    ("boxes", "scores", "objects", "accuracy"),
    [
        (SQUARE, [0.9], SQUARE, 1.0),
        (SQUARE, [0.5], SQUARE, 0.0),  # a score must be above a half
        ([[0, 0, 10, 5]], [0.9], SQUARE, 1.0),  # an overlap of a half is enough
        ([[0, 0, 10, 4]], [0.9], SQUARE, 0.0),
        (SQUARE * 2, [0.9, 0.8], SQUARE, 0.5),  # the second of one object is false
        ([*SQUARE, [50, 50, 60, 60]], [0.9, 0.9], [*SQUARE, [80, 80, 90, 90]], 1 / 3),
        ([], [], SQUARE, 0.0),
        (SQUARE, [0.9], [], 0.0),
        (SQUARE, [0.1], [], 1.0),
    ],
)
def test_what_counts(boxes: Any, scores: Any, objects: Any, accuracy: float) -> None:
    assert image_accuracy(said(boxes, scores), np.array(objects, float)) == pytest.approx(accuracy)


ROW = st.tuples(*(st.integers(0, 12) for _ in range(2)), *(st.integers(0, 8) for _ in range(2)))


@settings(deadline=None)
@given(st.lists(ROW, max_size=5), st.lists(st.tuples(ROW, st.sampled_from([0.3, 0.5, 0.6, 1.0])), max_size=6))
def test_it_is_what_a_board_has(objects: Any, told: Any) -> None:
    """A method cannot import what scores it; both count the same, also boxes of no size and several on one object."""
    corners = np.array([[x, y, x + w, y + h] for x, y, w, h in objects], float).reshape(-1, 4)
    boxes = np.array([[x, y, x + w, y + h] for (x, y, w, h), _ in told], float).reshape(-1, 4)
    scores = np.array([score for _, score in told])
    board = detection_accuracy.image_accuracy(corners, boxes[scores > 0.5])
    assert image_accuracy(said(boxes, scores), corners) == pytest.approx(board)


def test_summaries_weigh_images_or_domains() -> None:
    """Domain 0 has three images, all found, and domain 1 one, in which nothing is."""
    listed = scenes(4, domains=(0, 0, 0, 1))
    right = {scene.image.tobytes(): scene for scene in listed}

    def detect(images: Any) -> list[Detections]:
        scene = right[images[0].tobytes()]
        return [said(scene.boxes, [0.9, 0.9] if scene.domain == 0 else [0.1, 0.1])]

    figures = {name: figure(name, detect, listed) for name in ("average", "domain-mean", "worst-domain")}
    assert figures == {"average": 0.75, "domain-mean": 0.5, "worst-domain": 0.0}
