"""Objects in an image as they are drawn: boxes with a class, a score where they were detected, and a mask if any."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield.families.boxes import COUNTS, MASK_COUNTS, MASKS, RUNS
from farfield.runtime.masks import Mask, decode, split
from farfield_evaluators.data.masks import outlines, run_lengths
from farfield_evaluators.data.pack import Pack

Arrays = Mapping[str, npt.NDArray[Any]]
MOST = 12  # detections drawn in an image: those with the highest scores


@dataclass(frozen=True, kw_only=True, eq=False)
class Shown:
    """An object: box x1, y1, x2, y2 in pixels, the number of its class, its score or None, its mask [H, W] or None."""

    box: tuple[float, float, float, float]
    label: int
    score: float | None = None
    mask: Mask | None = field(default=None, repr=False)


def detected(arrays: Arrays, row: int, height: int, width: int) -> list[Shown]:
    """The MOST detections with the highest scores in the image of a row of a run's outputs, the best first."""
    start, end = _span(arrays[COUNTS], row)
    masks = list(_masks(arrays, row, start, end, height, width)) if RUNS in arrays else [None] * (end - start)
    boxes, scores, labels = (arrays[name][start:end] for name in ("boxes", "scores", "labels"))
    best = np.argsort(-scores, kind="stable")[:MOST].tolist()
    return [Shown(box=_corners(boxes[n]), label=int(labels[n]), score=float(scores[n]), mask=masks[n]) for n in best]


def there(pack: Pack, position: int, height: int, width: int) -> list[Shown]:
    """What the pack says is in the image at a position; of a crowd, nothing."""
    at = np.array([position])
    names = {column.name for column in pack.columns}
    boxes, labels = pack.column("boxes").at(at).values, pack.column("box-labels").at(at).values.reshape(-1)
    crowd = pack.column("box-crowd").at(at).values.reshape(-1) if "box-crowd" in names else np.zeros(len(labels))
    masks: Sequence[Any] = [None] * len(labels)
    if "masks" in names and len(labels):
        (masks,) = outlines(pack.column("masks").at(at), np.array([len(labels)]))
    corners = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)
    return [
        Shown(box=_corners(corners[n]), label=int(labels[n]), mask=_mask(masks[n], height, width))
        for n in np.flatnonzero(crowd == 0).tolist()
    ]


def _masks(arrays: Arrays, row: int, start: int, end: int, height: int, width: int) -> Iterator[Mask | None]:
    first, last = _span(arrays[MASK_COUNTS], row)
    for runs in split(arrays[MASKS][first:last], arrays[RUNS][start:end]):
        yield decode(runs, height, width) if len(runs) else None


def _mask(outline: object, height: int, width: int) -> Mask | None:
    return None if outline is None else decode(run_lengths(outline, height, width), height, width)


def _span(counts: npt.NDArray[Any], row: int) -> tuple[int, int]:
    start = int(counts[:row].sum())
    return start, start + int(counts[row])


def _corners(box: npt.NDArray[Any]) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = map(float, box)
    return x1, y1, x2, y2
