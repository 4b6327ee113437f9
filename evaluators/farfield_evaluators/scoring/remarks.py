"""What figures say about how they were made: nothing is refused for it, but somebody should know."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy.typing as npt

from farfield_evaluators.figure import Figure
from farfield_evaluators.scoring.aggregates import USUAL_NAMES
from farfield_evaluators.scoring.coco.figures import CLASSES, metrics_of
from farfield_evaluators.scoring.groups import Grouped
from farfield_evaluators.scoring.test import Test

DIRECTION = "scores.direction"
CONSTANT = "scores.all_equal"
UNKNOWN = "scores.unknown_set"
EMPTY = "scores.empty_groups"
NO_DETECTIONS = "scores.no_detections"
SHOWN, MOST_NAMED = 5, 100
_RECALLS = {metrics_of(prefix, masks=masks)["ar"].name for prefix in CLASSES for masks in (False, True)}


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A stable code, and a sentence with what to do."""

    code: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Remarked:
    """Figures, and what is remarkable about them."""

    scores: tuple[Figure, ...]
    remarks: tuple[Remark, ...]


def unknown_sets(names: Sequence[str], classes: int) -> tuple[Remark, ...]:
    """A remark that names these sets, if there are any: no board has them, and they are read on all classes."""
    if not names:
        return ()
    says = f"{', '.join(names)}: no board has a set of this name; read as a shift with all {classes} classes"
    meant = "an official set needs its name, such as val, v2, r, a, sketch, objectnet or c/fog/1"
    return (Remark(code=UNKNOWN, says=f"{says}; {meant}"),)


def empty_groups(scorers: Iterable[object], tests: Sequence[Test]) -> tuple[Remark, ...]:
    """A remark that names groups without a figure, if there are any: they have no test image, or too few."""
    groupings = {scorer.grouping for scorer in scorers if isinstance(scorer, Grouped)}
    pairs = ((grouping, test) for grouping in groupings for test in tests)
    names = sorted({name for grouping, test in pairs for name in islice(grouping.empty(test), MOST_NAMED)})
    if not names:
        return ()
    listed = ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
    return (Remark(code=EMPTY, says=f"no figure for groups with too few test images: {listed}"),)


def constant_sets(scores: Mapping[str, npt.NDArray[Any]]) -> tuple[Remark, ...]:
    """A remark that names the sets of several images whose scores [N] are all equal, unless that is so of every set."""
    constant = {name: values[0] for name, values in scores.items() if len(values) > 1 and values.min() == values.max()}
    if not constant or (len(set(constant.values())) == 1 and len(constant) == len(scores)):
        return ()
    listed = ", ".join(f"{name} ({value})" for name, value in constant.items())
    says = f"every image has the same score in {listed}; look at how the scores were written"
    return (Remark(code=CONSTANT, says=says),)


def remarks_on(scores: Sequence[Figure]) -> tuple[Remark, ...]:
    """What is remarkable about the figures of an OOD detector or of detections; empty for other methods.

    The direction is wrong when every OOD set has an AUROC below one half: OOD images then score higher than ID ones.
    Scores are all equal when every AUROC is one half and every threshold flags all: a detector that says nothing.
    """
    found = {(s.metric, s.domain): s.value for s in scores if s.domain not in USUAL_NAMES}
    areas = [value for (metric, _), value in found.items() if metric == "auroc"]
    rates = [value for (metric, _), value in found.items() if metric == "fpr95"]
    if areas and max(areas) < 0.5:
        shown = f"{max(areas) * 100:.1f}%"
        says = f"AUROC is below 50% on every set ({shown} at most); higher must mean ID: negate the scores"
        return (Remark(code=DIRECTION, says=says),)
    if areas and set(areas) == {0.5} and set(rates) == {1.0}:
        says = "AUROC is 50% on every set and no threshold tells anything apart; the scores may be all equal"
        return (Remark(code=CONSTANT, says=says),)
    recalls = [value for (metric, _), value in found.items() if metric in _RECALLS]
    if recalls and not any(recalls):
        says = "AP and AR are 0: no detection is of an object, or there is none at all"
        return (Remark(code=NO_DETECTIONS, says=says),)
    return ()
