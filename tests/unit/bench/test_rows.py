"""The machinery of single rows, on sizes that take no time."""

from pathlib import Path

from bench.rows import coco


def test_boxes_and_masks_are_scored_on_both_sides(tmp_path: Path) -> None:
    boxes, masks = coco.measure(tmp_path, quick=True)
    assert (boxes.row, boxes.peer_name, boxes.goal) == (4, "pycocotools", 10)
    assert min(*boxes.ours, *boxes.peer, *masks.ours, *masks.peer) > 0
