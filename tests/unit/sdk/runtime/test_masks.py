"""Run lengths are COCO's: the same as pycocotools' of any mask, there and back, and nothing else is taken for one."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as reference

from farfield.errors import JobError
from farfield.runtime.masks import StagedMasks, WithMasks, decode, encode, split

Mask = npt.NDArray[np.bool_]
# pycocotools was built for an older numpy.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@st.composite
def masks(draw: st.DrawFn) -> Mask:
    """Of any size up to 12 x 12, among them full ones, empty ones and stripes."""
    height, width = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    share, seed = draw(st.sampled_from([0.0, 0.05, 0.5, 0.95, 1.0])), draw(st.integers(0, 2**31))
    return np.random.default_rng(seed).random((height, width)) < share


@given(masks())
def test_run_lengths_are_those_of_pycocotools(mask: Mask) -> None:
    height, width = mask.shape
    runs = encode(mask)
    theirs = reference.frPyObjects({"size": [height, width], "counts": runs.tolist()}, height, width)
    assert theirs["counts"] == reference.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"]
    assert runs.dtype == np.uint32
    assert runs.sum() == mask.size
    assert (runs[1:] > 0).all()
    np.testing.assert_array_equal(decode(runs, height, width), mask)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_any_run_lengths_are_decoded_as_pycocotools_does(runs: list[int]) -> None:
    theirs = reference.frPyObjects({"size": [sum(runs), 1], "counts": runs}, sum(runs), 1)
    np.testing.assert_array_equal(decode(np.array(runs), sum(runs), 1), reference.decode(theirs).astype(bool))


@pytest.mark.parametrize("runs", [[5], [7], [2, -2, 6], [], [3, 2**32]])
def test_what_is_no_mask_of_the_size_is_refused_before_it_is_made(runs: list[int]) -> None:
    with pytest.raises(ValueError, match="2 x 3 pixels must be 6 in all"):
        decode(np.array(runs, np.int64), 2, 3)


def test_run_lengths_that_overflow_are_refused() -> None:
    with pytest.raises(ValueError, match="must be 6 in all"):
        decode(np.array([2**62, 2**62, 2**62, 2**62 + 6], np.uint64), 2, 3)


def staged(*shown: Mask) -> StagedMasks:
    runs = [encode(mask) for mask in shown]
    return StagedMasks(np.concatenate(runs), np.array([len(own) for own in runs]))


def scene(whole: StagedMasks, start: int, end: int) -> WithMasks:
    image = np.zeros((2, 3, 3), np.uint8)
    labels = np.zeros(end - start, np.int64)
    return WithMasks.of(
        image=image, boxes=np.zeros((end - start, 4)), labels=labels, domain=1, masks=whole.part(start, end)
    )


def test_masks_of_an_image_are_decoded_when_they_are_asked_for() -> None:
    shown = [np.eye(2, 3, k, dtype=bool) for k in range(3)]
    annotated = scene(staged(*shown), 1, 3)
    assert "masks" not in vars(annotated)
    np.testing.assert_array_equal(annotated.masks, shown[1:])
    assert annotated.masks is annotated.masks


def test_an_image_with_masks_can_be_changed_as_any_dataclass() -> None:
    annotated = scene(staged(np.eye(2, 3, dtype=bool)), 0, 1)
    turned = replace(annotated, image=annotated.image[::-1], masks=None)
    assert turned.masks is None
    assert turned.domain == 1
    np.testing.assert_array_equal(replace(annotated, domain=0).masks, annotated.masks)


def test_an_object_without_run_lengths_has_a_mask_without_a_pixel() -> None:
    whole = StagedMasks(np.array([0, 6], np.uint32), np.array([0, 2]))
    masks = scene(whole, 0, 2).masks
    assert masks is not None
    assert masks.sum(axis=(1, 2)).tolist() == [0, 6]


def test_staged_masks_of_another_size_are_refused() -> None:
    annotated = scene(staged(np.ones((3, 3), bool)), 0, 1)
    with pytest.raises(JobError, match="staged masks do not fit their image"):
        _ = annotated.masks


@settings(max_examples=20)
@given(st.lists(st.integers(0, 4)))
def test_split_gives_each_its_own(counts: list[int]) -> None:
    parts = list(split(np.arange(sum(counts)), np.array(counts, np.int64)))
    assert [len(part) for part in parts] == counts
    assert [number for part in parts for number in part] == list(range(sum(counts)))
