"""Frames: an image of any size in a square, and masks back from it."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.baselines.few_shot_detection.made import scene

from farfield import AnnotatedImage
from farfield_baselines.networks.query_segmenter_frames import boxes_of, filled, framed, object_masks, truth, unframed

CORNERS = st.tuples(*(st.integers(0, 15) for _ in range(4)))


@given(CORNERS)
def test_a_box_that_is_filled_has_itself_around_it(corners: tuple[int, int, int, int]) -> None:
    (x1, x2), (y1, y2) = sorted(corners[:2]), sorted(corners[2:])
    box = np.array([[x1, y1, x2 + 1, y2 + 1]], float)
    masks = filled(box, 16, 16)
    assert masks.sum() == (x2 + 1 - x1) * (y2 + 1 - y1)
    assert boxes_of(masks).tolist() == box.tolist()


def test_a_frame_has_the_image_in_its_upper_left_and_grey_beside_it() -> None:
    image = np.full((40, 80, 3), 200, np.uint8)
    pixels = framed(image, 64, "cpu")
    assert pixels.shape == (3, 64, 64)
    assert pixels[:, :32].allclose(torch.tensor(200.0))
    assert pixels[:, 32:].allclose(torch.tensor(127.0))


def test_masks_are_the_images_own_and_without_them_its_boxes() -> None:
    made = scene([0, 2], 1)
    corner = np.zeros_like(made.masks)
    corner[:, 0, 0] = True
    changed = AnnotatedImage(image=made.image, boxes=made.boxes, labels=made.labels, masks=corner)
    assert (object_masks(changed) == corner).all()
    boxed = AnnotatedImage(image=made.image, boxes=made.boxes, labels=made.labels)
    assert (object_masks(boxed) == made.masks).all()  # which are squares


def test_an_object_that_is_not_to_be_seen_is_left_out() -> None:
    made = scene([0, 2], 1)
    made.masks[0] = False
    told = truth(made, 64, 4, "cpu")
    assert told.labels.tolist() == [2]
    assert told.masks.shape == (1, 16, 16)


@pytest.mark.parametrize("size", [(64, 64), (48, 96), (100, 30)])
def test_a_mask_comes_back_from_its_frame(size: tuple[int, int]) -> None:
    masks = filled(np.array([[6.0, 8.0, 24.0, 40.0]]), *size)
    image = np.zeros((*size, 3), np.uint8)
    told = truth(AnnotatedImage(image=image, boxes=np.zeros((1, 4)), labels=np.array([0]), masks=masks), 96, 4, "cpu")
    back = unframed(told.masks - 0.5, *size, 96).numpy() > 0
    assert back.shape == masks.shape
    assert (back & masks).sum() / (back | masks).sum() > 0.85
