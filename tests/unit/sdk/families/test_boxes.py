"""What a family of boxes writes of an image: the best detections, clipped, and their masks within bounds."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from farfield import Detections, Images, MethodSpec, TaskFamily, TrackClaims, families
from farfield.errors import JobError, ProtocolError
from farfield.families import Size, boxes
from farfield.families.boxes import taken
from farfield.families.toys import close
from farfield.runtime.masks import decode, split
from farfield.testing import check_method

IMAGE = np.zeros((6, 8, 3), np.uint8)
ASKED = Size(examples=1, classes=3, masks=True)


def found(count: int, masks: Any = None) -> Detections:
    """Scores rise to the middle and fall again; every box reaches beyond the image."""
    scores = 1 - np.abs(np.arange(count) - count // 2) / (count + 1)
    corners = np.tile([-3.0, 1.0, 99.0, 4.0], (count, 1))
    return Detections(boxes=corners, scores=scores, labels=np.arange(count) % 3, masks=masks)


def drawn(count: int) -> Any:
    """Masks that differ: of the number n the first n pixels of each row."""
    return np.arange(8)[None, None] < np.arange(count)[:, None, None] % 9 + np.zeros((1, 6, 1), int)


def test_masks_go_with_the_detections_that_count() -> None:
    masks = drawn(7)
    rows = taken(found(7, masks), IMAGE, Size(examples=1, classes=3, masks=True, detections=3))
    assert rows["labels"].tolist() == [2, 0, 1]  # of the numbers 2, 3 and 4, in their order
    assert rows["boxes"].tolist() == [[0, 1, 8, 4]] * 3
    said = [decode(runs, 6, 8) for runs in split(rows["masks"], rows["mask-runs"])]
    np.testing.assert_array_equal(said, masks[2:5])
    assert rows["masks-rows"].tolist() == [len(rows["masks"])]


def test_every_array_keeps_its_rule() -> None:
    rows = taken(found(4, drawn(4)), IMAGE, ASKED)
    for name, rule in families.of("detection").outputs(ASKED).items():
        assert rule.problem(name, rows[name], rows) == ""
        assert rows[name].dtype == rule.dtype, "else what was predicted is not what is read"


def test_masks_are_written_where_they_are_asked_for_alone() -> None:
    plain = Size(examples=1, classes=3)
    assert set(taken(found(2, drawn(2)), IMAGE, plain)) == set(families.of("detection").outputs(plain))
    without = taken(found(2), IMAGE, ASKED)
    assert (without["mask-runs"].tolist(), without["masks-rows"].tolist(), len(without["masks"])) == ([0, 0], [0], 0)


def test_masks_beyond_the_bound_are_left_out_from_the_lowest_score_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the masks has 17 run lengths: two for each of eight columns, and the rest of the last one."""
    stripes = np.zeros((5, 6, 8), bool)
    stripes[:, 2:4] = True
    monkeypatch.setattr(boxes, "MOST_RUNS", 3 * 17)
    rows = taken(found(5, stripes), IMAGE, ASKED)
    assert rows["mask-runs"].tolist() == [0, 17, 17, 17, 0]
    assert rows["masks-rows"].tolist() == [51]
    assert len(rows["boxes"]) == 5, "a detection keeps its box"


def test_the_bound_has_room_for_what_detectors_give() -> None:
    """100 masks of two pieces a column in COCO's widest images, and no checkerboard of one of them."""
    assert 100 * (2 * 2 * 640 + 1) <= boxes.MOST_RUNS < 640 * 640 + 1


def test_nothing_found_is_nothing_written() -> None:
    nothing = Detections(boxes=np.zeros((0, 4)), scores=np.zeros(0), labels=np.zeros(0, np.int64))
    rows = taken(nothing, IMAGE, ASKED)
    assert (rows["boxes-rows"].tolist(), rows["masks-rows"].tolist()) == ([0], [0])


def test_an_image_that_is_too_large_is_refused() -> None:
    with pytest.raises(JobError, match="too large for detection"):
        taken(found(0), np.zeros((1, boxes.LARGEST_SIDE + 1, 3), np.uint8), ASKED)


class Cutter:
    """One box an image, with a mask that is `wrong` or right."""

    def __init__(self, context: Any, wrong: str = "") -> None:
        assert context.masks
        self.wrong = wrong

    def fit(self, train: Any) -> None:
        assert all(scene.masks.shape == (len(scene.boxes), *scene.image.shape[:2]) for scene in train)

    def detect(self, images: Any) -> list[Detections]:
        return [self._one(image, len(images)) for image in images]

    def _one(self, image: Any, together: int) -> Detections:
        mask = np.zeros((1, *image.shape[:2]), bool)
        mask[0, 2 : 4 + (together if self.wrong == "batch" else 0), 3:9] = True
        if self.wrong == "size":
            mask = mask[:, 1:]
        return Detections(
            boxes=np.array([[3.0, 2.0, 9.0, 4.0]]), scores=np.ones(1), labels=np.zeros(1, int), masks=mask
        )


def spec(wrong: str = "") -> MethodSpec:
    return MethodSpec(
        name="cutter",
        family=TaskFamily.DETECTION,
        summary="A box with a mask.",
        build=lambda context: Cutter(context, wrong),
        inputs=Images(crop="none"),
        claims=TrackClaims(backbone="none"),
    )


def test_the_conformance_test_asks_for_masks_and_gives_some(tmp_path: Path) -> None:
    check_method(spec(), tmp_path)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [("batch", "predictions change with the batch size"), ("size", "masks must be bool of the shape")],
)
def test_the_conformance_test_looks_at_masks(tmp_path: Path, wrong: str, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        check_method(spec(wrong), tmp_path)


def test_a_pixel_at_an_edge_is_no_other_mask() -> None:
    """On a GPU a value near a threshold may fall on either side from one batch size to the next."""
    mask = np.zeros((1, 48, 64), bool)
    mask[0, 10:20, 10:20] = True
    other = mask.copy()
    other[0, 20, 12] = True
    rows = [side_by_side(each) for each in (mask, other, mask[:, ::-1])]
    assert close(rows[0], rows[1])
    assert not close(rows[0], rows[2])


def side_by_side(masks: Any) -> Any:
    inputs: Any = SimpleNamespace(test=OneImage(), size=ASKED, spec=SimpleNamespace(batch_size=1))
    method: Any = SimpleNamespace(detect=lambda images: [found(1, masks)])
    return boxes.SideBySide().whole(method, inputs, 1)


class OneImage:
    """A source of one image."""

    largest_batch = 1

    def __len__(self) -> int:
        return 1

    def read(self, indices: Any) -> Any:
        return np.zeros((1, 48, 64, 3), np.uint8)
