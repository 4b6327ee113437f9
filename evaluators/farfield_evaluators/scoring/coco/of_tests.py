"""A test's objects and detections as COCO's evaluation takes them: from columns of a pack and outputs of a method."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from farfield_evaluators.data.columns import ROWS, Array, Ints
from farfield_evaluators.scoring.coco.matching import Detections, Objects
from farfield_evaluators.scoring.test import Test

BOXES, LABELS, AREA, CROWD, MASKS, RUNS, SIZE = (
    "boxes",
    "box-labels",
    "box-area",
    "box-crowd",
    "masks",
    "mask-runs",
    "size",
)


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
        outlines=_outlines(test, images) if masks else (),
    )


def _outlines(test: Test, images: Ints) -> list[object]:
    """Of each object; an object without one has no pixel."""
    ends = np.cumsum(test.targets[MASKS + ROWS]).tolist()
    whole = test.targets[MASKS].tobytes()
    texts = [whole[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    flat = [json.loads(line) if line else None for text in texts if text for line in text.split(b"\n")]
    sizes = sizes_of(test)[images].tolist()
    return [_empty(size) if each is None else each for each, size in zip(flat, sizes, strict=True)]


def _empty(size: Sequence[int]) -> dict[str, Any]:
    return {"size": list(size), "counts": [size[0] * size[1]]}


def detections_of(test: Test, *, masks: bool) -> Detections:
    """What a method said. Boxes come as corners; one whose corners are the wrong way round has no area."""
    corners, rows = test.outputs[BOXES].astype(np.float64), test.outputs[BOXES + ROWS]
    images = np.repeat(np.arange(len(rows)), rows)
    return Detections(
        images=images,
        classes=test.outputs["labels"],
        boxes=np.concatenate([corners[:, :2], np.clip(corners[:, 2:] - corners[:, :2], 0, None)], axis=1),
        scores=test.outputs["scores"].astype(np.float64),
        masks=_Runs.of(test.outputs, sizes_of(test)[images]) if masks else None,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Runs:
    """Masks as run lengths: all of them one after the other, where each detection's begin [D + 1], and sizes [D, 2]."""

    runs: Array
    starts: Ints
    sizes: Ints

    @classmethod
    def of(cls, outputs: Any, sizes: Ints) -> "_Runs":
        counts = outputs[RUNS].reshape(-1).astype(np.int64)
        return cls(runs=outputs[MASKS].reshape(-1), starts=np.concatenate([[0], np.cumsum(counts)]), sizes=sizes)

    @property
    def areas(self) -> Ints:
        """The sums of every second run, which are the mask's; 0 of a detection without one."""
        places = np.arange(len(self.runs)) - np.repeat(self.starts[:-1], np.diff(self.starts))
        sums = np.concatenate([[0], np.cumsum(np.where(places % 2, self.runs, 0).astype(np.int64))])
        areas: Ints = np.diff(sums[self.starts])
        return areas

    def written(self, places: Ints) -> list[dict[str, Any]]:
        starts, ends = self.starts[places].tolist(), self.starts[places + 1].tolist()
        sizes = self.sizes[places].tolist()
        return [
            {"size": size, "counts": self.runs[start:end].tolist()} if end > start else _empty(size)
            for start, end, size in zip(starts, ends, sizes, strict=True)
        ]
