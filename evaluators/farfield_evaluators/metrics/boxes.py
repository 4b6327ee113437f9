"""Average precision and recall of boxes by COCO's rules (Lin et al. 2014; cocodataset.org, detection evaluation).

At each of ten thresholds of overlap, detections are matched greedily by score, at most 100 an image; precision is read
at 101 values of recall, and means are over thresholds and the classes that have objects.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

OVERLAPS: Floats = np.linspace(0.5, 0.95, 10)
RECALLS: Floats = np.linspace(0.0, 1.0, 101)
MOST_DETECTIONS = 100
FAR = 1e10
AREAS: Mapping[str, tuple[float, float]] = {  # of objects, in pixels
    "all": (0.0, FAR),
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, FAR),
}


@dataclass(frozen=True, kw_only=True)
class Objects:
    """What is in an image of one class: boxes [G, 4] as x, y, width, height, areas [G], and which are crowds [G].

    A crowd stands for any number of objects: detections in it are neither right nor wrong.
    """

    boxes: Floats
    areas: Floats
    crowd: Bools


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found in an image of one class: boxes [D, 4] as x, y, width, height, and scores [D]."""

    boxes: Floats
    scores: Floats


@dataclass(frozen=True, kw_only=True)
class _Matched:
    """Of one image and class: scores [D] from the highest, hits and what does not count [T, D], objects that count."""

    scores: Floats
    hit: Bools
    ignored: Bools
    objects: int


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Of one class: precision [T, 101] at each recall, and the highest recall [T]."""

    precision: Floats
    recall: Floats


def curve(images: Iterable[tuple[Objects, Found]], area: str = "all") -> Curve | None:
    """The precision of one class over all images that show it or are said to; None without an object that counts."""
    matched = [_match(objects, found, AREAS[area]) for objects, found in images]
    count = sum(each.objects for each in matched)
    if not count:
        return None
    scores = np.concatenate([each.scores for each in matched])
    order = np.argsort(-scores, kind="stable")
    hit = np.concatenate([each.hit for each in matched], axis=1)[:, order]
    ignored = np.concatenate([each.ignored for each in matched], axis=1)[:, order]
    right = np.cumsum(hit & ~ignored, axis=1, dtype=np.float64)
    wrong = np.cumsum(~hit & ~ignored, axis=1, dtype=np.float64)
    rows = [_at_recalls(r / count, r / (r + w + np.spacing(1))) for r, w in zip(right, wrong, strict=True)]
    return Curve(precision=np.stack(rows), recall=right[:, -1] / count if right.shape[1] else np.zeros(len(OVERLAPS)))


def overlaps(found: Floats, boxes: Floats, crowd: Bools) -> Floats:
    """Intersection over union [D, G] of boxes x, y, width, height; with a crowd over the area of what was found.

    >>> a, b = np.array([[0.0, 0, 10, 10]]), np.array([[5.0, 0, 10, 10]])
    >>> overlaps(a, b, np.array([False])).round(3).tolist(), overlaps(a, b, np.array([True])).tolist()
    ([[0.333]], [[0.5]])
    """
    start = np.maximum(found[:, None, :2], boxes[None, :, :2])
    end = np.minimum(found[:, None, :2] + found[:, None, 2:], boxes[None, :, :2] + boxes[None, :, 2:])
    shared = np.clip(end - start, 0, None).prod(axis=2)
    own, others = found[:, 2:].prod(axis=1)[:, None], boxes[:, 2:].prod(axis=1)[None]
    whole = np.where(crowd[None], own, own + others - shared)
    overlap: Floats = np.divide(shared, whole, out=np.zeros_like(shared), where=whole > 0)
    return overlap


def _match(objects: Objects, found: Found, area: tuple[float, float]) -> _Matched:
    best = np.argsort(-found.scores, kind="stable")[:MOST_DETECTIONS]
    boxes = found.boxes[best]
    outside = (objects.areas < area[0]) | (objects.areas > area[1]) | objects.crowd
    order = np.argsort(outside, kind="stable")
    shared = overlaps(boxes, objects.boxes, objects.crowd)[:, order]
    places = np.stack([_places(shared, outside[order], objects.crowd[order], float(least)) for least in OVERLAPS])
    sizes = boxes[:, 2:].prod(axis=1)
    hit = places >= 0
    ignored = np.where(hit, outside[order][places] if len(order) else False, False)
    ignored |= ~hit & ((sizes < area[0]) | (sizes > area[1]))[None]
    return _Matched(scores=found.scores[best], hit=hit, ignored=ignored, objects=int((~outside).sum()))


def _places(shared: Floats, outside: Bools, crowd: Bools, least: float) -> Ints:
    """Which object each detection [D] is of at this overlap, -1 for none: the best that is free, counted ones first.

    Of equal overlaps the last is taken, as in COCO's own evaluation.
    """
    places, taken = np.full(len(shared), -1, np.int64), np.zeros(shared.shape[1], bool)
    bound = min(least, 1 - 1e-10)
    for number, row in enumerate(shared):
        free = (row >= bound) & (~taken | crowd)
        for candidates in (free & ~outside, free & outside):
            if candidates.any():
                best = row[candidates].max()
                places[number] = np.flatnonzero(candidates & (row == best))[-1]
                taken[places[number]] = True
                break
    return places


def _at_recalls(recall: Floats, precision: Floats) -> Floats:
    """The precision [101] at each recall: the best at that recall or a higher one, 0 beyond the highest."""
    falling = np.maximum.accumulate(precision[::-1])[::-1]
    places = np.searchsorted(recall, RECALLS, side="left")
    return np.append(falling, 0.0)[places]
