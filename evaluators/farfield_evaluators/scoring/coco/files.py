"""Annotations and results as COCO's JSON to the twelve figures of each set of classes, all from one matching."""

import gc
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from farfield_evaluators.data.columns import Ints
from farfield_evaluators.figure import Figure
from farfield_evaluators.problems import Problem
from farfield_evaluators.scoring.coco.annotations import Truth, read_truth
from farfield_evaluators.scoring.coco.curves import Curves
from farfield_evaluators.scoring.coco.figures import metrics_of
from farfield_evaluators.scoring.coco.matching import Detections, curves
from farfield_evaluators.scoring.coco.problems import OTHER_IDS, CocoRefused
from farfield_evaluators.scoring.coco.results import read_results
from farfield_evaluators.scoring.remarks import NO_DETECTIONS, Remark, Remarked

LOW, TIMES = 0.02, 10  # an AP50 below, and how much higher it is with the next class's name
AP50 = "ap50"
Splits = Callable[[Collection[int]], Mapping[str, Collection[int]]]
"""Of the ids of categories those of each set of classes, by the prefix of its figures, see `figures.CLASSES`."""


def score_files(annotations: Path, results: Path, splits: Splits, *, masks: bool) -> Remarked:
    """The figures of each set of classes; of one without an object there are none. Raises CocoRefused, ScorerError."""
    with _nothing_collected():
        truth = read_truth(annotations, masks=masks)
        chosen = splits(truth.categories.tolist())
        detections = read_results(results, truth, masks=masks)
        matched = curves(truth.objects, detections, truth.sizes, len(truth.categories))
        _check_shift(truth, detections, matched)
    remarks = () if len(detections.images) else (_nothing(results),)
    return Remarked(scores=tuple(_figures(truth, matched, chosen, masks=masks)), remarks=remarks)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Without Python's search for cycles: there are none here, and it goes through every small object many times."""
    usual = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if usual:
            gc.enable()


def _figures(truth: Truth, matched: Curves, splits: Mapping[str, Collection[int]], *, masks: bool) -> Iterator[Figure]:
    for prefix, ids in splits.items():
        numbers = np.flatnonzero(np.isin(truth.categories, list(ids))).tolist()
        for name, metric in metrics_of(prefix, masks=masks).items():
            value = matched.value(name, numbers)
            if value is not None:
                yield Figure(metric=metric.name, domain="test", value=value, stderr=None, n=len(truth.images))


def _nothing(results: Path) -> Remark:
    says = f"{results.name} has no detection at all: every figure is 0, for which FsDet's own code writes -1"
    return Remark(code=NO_DETECTIONS, says=says)


def _check_shift(truth: Truth, detections: Detections, matched: Curves) -> None:
    """Detections that fit the objects of the next category have the wrong list of them. Raises CocoRefused."""
    count = len(truth.categories)
    usual = matched.value(AP50, range(count))
    if usual is None or usual > LOW or count < 2:
        return
    for step, word in ((1, "next"), (-1, "previous")):
        other = replace(detections, classes=_shifted(detections.classes, step, count))
        moved = curves(truth.objects, other, truth.sizes, count).value(AP50, range(count))
        if moved is not None and moved > TIMES * max(usual, LOW):
            says = f"AP50 is {usual:.3f}, and {moved:.3f} with the {word} category's id for each: the list is shifted"
            raise CocoRefused([Problem(code=OTHER_IDS, where="category_id", says=says)])


def _shifted(classes: Ints, step: int, count: int) -> Ints:
    moved: Ints = (classes + step) % count
    return moved
