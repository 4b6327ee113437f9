"""Scorers of detection: what COCO's evaluation says of boxes, from one look at the detections of a domain."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.boxes import OVERLAPS, Curve, Found, Objects, curve
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.scoring.scorer import Wanted, figure_of
from farfield_evaluators.scoring.test import Array, Outcome, Test

_OVER = "Mean over the classes and the overlaps 0.50, 0.55, ..., 0.95 of the average precision of boxes, as COCO has it"
AP = Metric(name="ap", title="AP", higher_is_better=True, description=f"{_OVER}.")
AP50 = Metric(name="ap50", title="AP50", higher_is_better=True, description="AP at an overlap of 0.50 alone.")
AP75 = Metric(name="ap75", title="AP75", higher_is_better=True, description="AP at an overlap of 0.75 alone.")
AP_SMALL = Metric(
    name="ap-small", title="APs", higher_is_better=True, description="AP of objects of at most 32 x 32 pixels."
)
AP_MEDIUM = Metric(
    name="ap-medium", title="APm", higher_is_better=True, description="AP of objects of 32 x 32 to 96 x 96 pixels."
)
AP_LARGE = Metric(
    name="ap-large", title="APl", higher_is_better=True, description="AP of objects of at least 96 x 96 pixels."
)
AR = Metric(
    name="ar",
    title="AR",
    higher_is_better=True,
    description="Mean over classes and overlaps of the highest recall of boxes, with at most 100 detections an image.",
)
METRICS = (AP, AP50, AP75, AP_SMALL, AP_MEDIUM, AP_LARGE, AR)
NOTHING: Array = np.zeros(0, np.int64)
_SIZES = {AP_SMALL.name: "small", AP_MEDIUM.name: "medium", AP_LARGE.name: "large"}


@dataclass(frozen=True, kw_only=True)
class Boxes:
    """COCO's figures over these classes, by their numbers; over all without any.

    Needs the columns `boxes` (x, y, width, height) and `box-labels`, and takes `box-area` and `box-crowd` where a pack
    has them. A class without an object has no figure, and is left out of the means.
    """

    classes: tuple[int, ...] = ()
    gives: tuple[Metric, ...] = METRICS

    def needs(self, test: Test) -> Iterable[Outcome]:
        return ()

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        figures = [list(self._figures(test, wanted)) for test in tests]
        for metric in self.gives:
            own = [figure for listed in figures for figure in listed if figure.metric == metric.name]
            yield from wanted.of(metric, own, tests)

    def _figures(self, test: Test, wanted: Wanted) -> Iterator[Figure]:
        asked = [metric for metric in self.gives if metric.name in wanted.metrics]
        by_class = _by_class(test, self.classes or tuple(range(test.classes)))
        for size in dict.fromkeys(_SIZES.get(metric.name, "all") for metric in asked):
            curves = [c for images in by_class if (c := curve(images, size)) is not None]
            for metric in asked:
                if curves and _SIZES.get(metric.name, "all") == size:
                    yield figure_of(metric, test, Estimate(value=_value(metric, curves), stderr=None))


def _value(metric: Metric, curves: Sequence[Curve]) -> float:
    if metric.name == AR.name:
        return float(np.mean([c.recall for c in curves]))
    precision = np.stack([c.precision for c in curves])  # [classes, overlaps, recalls]
    only = {AP50.name: 0.5, AP75.name: 0.75}.get(metric.name)
    return float(precision.mean() if only is None else precision[:, np.isclose(OVERLAPS, only)].mean())


def _by_class(test: Test, classes: Sequence[int]) -> list[list[tuple[Objects, Found]]]:
    """Of each class the images that show it, or in which it is said to be."""
    right, said = _objects(test), _detections(test)
    shown, claimed = _grouped(right), _grouped(said)
    images: dict[int, list[int]] = {number: [] for number in classes}
    for number, image in sorted({*shown, *claimed}):
        if number in images:
            images[number].append(image)
    return [
        [
            (_objects_at(right, shown.get((n, i), NOTHING)), _found_at(said, claimed.get((n, i), NOTHING)))
            for i in listed
        ]
        for n, listed in images.items()
    ]


def _grouped(table: tuple[Array, ...]) -> dict[tuple[int, int], Array]:
    """Rows by class and image, in their order."""
    images, labels = table[:2]
    order = np.lexsort((images, labels))
    keys = np.stack([labels[order], images[order]], axis=1)
    starts = np.flatnonzero(np.any(np.diff(keys, axis=0, prepend=-1), axis=1)) if len(keys) else NOTHING
    parts = np.split(order, starts[1:]) if len(keys) else []
    return {(int(labels[part[0]]), int(images[part[0]])): part for part in parts}


def _objects(test: Test) -> tuple[Array, ...]:
    """Image, class, box, area and crowd of each object."""
    boxes, rows = test.targets["boxes"], test.targets["boxes-rows"]
    flat = {name: test.targets[name].reshape(-1) for name in ("box-area", "box-crowd") if name in test.targets}
    areas = flat.get("box-area", boxes[:, 2:].prod(axis=1))
    crowd = flat.get("box-crowd", np.zeros(len(boxes))) != 0
    return np.repeat(np.arange(len(rows)), rows), test.targets["box-labels"].reshape(-1), boxes, areas, crowd


def _detections(test: Test) -> tuple[Array, ...]:
    """Image, class, box (x, y, width, height) and score of each detection."""
    corners, rows = test.outputs["boxes"].astype(np.float64), test.outputs["boxes-rows"]
    boxes = np.concatenate([corners[:, :2], np.clip(corners[:, 2:] - corners[:, :2], 0, None)], axis=1)
    scores = test.outputs["scores"].astype(np.float64)
    return np.repeat(np.arange(len(rows)), rows), test.outputs["labels"], boxes, scores


def _objects_at(right: tuple[Array, ...], places: Array) -> Objects:
    return Objects(boxes=right[2][places], areas=right[3][places], crowd=right[4][places])


def _found_at(said: tuple[Array, ...], places: Array) -> Found:
    return Found(boxes=said[2][places], scores=said[3][places])


BOXES = Boxes()
