"""A test's objects and detections as COCO's evaluation takes them: from columns of a pack and outputs of a method."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from farfield_evaluators.data.columns import ROWS, Array, Ints
from farfield_evaluators.scoring.coco.matching import Detections, Masks, Objects
from farfield_evaluators.scoring.masks import detected_masks, object_masks
from farfield_evaluators.scoring.test import Test

BOXES, LABELS, AREA, CROWD, SIZE = "boxes", "box-labels", "box-area", "box-crowd", "size"


def sizes_of(test: Test) -> Ints:
    """Height and width [N, 2] of each image; zeros where a pack does not say, which only masks need."""
    sizes: Ints = test.targets[SIZE].reshape(-1, 2) if SIZE in test.targets else np.zeros((len(test), 2), np.int64)
    return sizes


def objects_of(test: Test, *, masks: bool) -> Objects:
    """What is there. Without a column of areas those of the boxes; without one of crowds there are none."""
    targets = test.targets
    boxes, rows = targets[BOXES], targets[BOXES + ROWS]
    flat = {name: targets[name].reshape(-1) for name in (AREA, CROWD) if name in targets}
    images = np.repeat(np.arange(len(rows)), rows)
    return Objects(
        images=images,
        classes=targets[LABELS].reshape(-1),
        boxes=boxes,
        areas=flat.get(AREA, boxes[:, 2:].prod(axis=1)),
        crowd=flat.get(CROWD, np.zeros(len(boxes))) != 0,
        outlines=_ObjectMasks(test=test) if masks else (),
    )


def detections_of(test: Test, *, masks: bool) -> Detections:
    """What a method said. Boxes come as corners; one whose corners are the wrong way round has no area."""
    corners, rows = test.outputs[BOXES].astype(np.float64), test.outputs[BOXES + ROWS]
    images = np.repeat(np.arange(len(rows)), rows)
    return Detections(
        images=images,
        classes=test.outputs["labels"],
        boxes=np.concatenate([corners[:, :2], np.clip(corners[:, 2:] - corners[:, :2], 0, None)], axis=1),
        scores=test.outputs["scores"].astype(np.float64),
        masks=_DetectedMasks(test=test) if masks else None,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _ObjectMasks:
    """Of each image in turn; an object without an outline has no pixel. They are read again each time."""

    test: Test

    def __iter__(self) -> Iterator[Sequence[object]]:
        for masks, size in zip(object_masks(self.test), sizes_of(self.test).tolist(), strict=True):
            yield [_coded(runs, size) for runs in masks]


@dataclass(frozen=True, kw_only=True, eq=False)
class _DetectedMasks:
    """Of each image in turn; a detection without a mask has no pixel. They are read again each time."""

    test: Test

    def __iter__(self) -> Iterator[Masks]:
        for masks, size in zip(detected_masks(self.test), sizes_of(self.test).tolist(), strict=True):
            areas = np.array([runs[1::2].sum() for runs in masks], np.int64)
            yield Masks(areas=areas, coded=[_coded(runs, size) for runs in masks])


def _coded(runs: Array | None, size: list[int]) -> dict[str, Any]:
    """Run lengths [R] as COCO has them; none are a mask without a pixel."""
    counts = [size[0] * size[1]] if runs is None or not len(runs) else runs.tolist()
    return {"size": size, "counts": counts}
