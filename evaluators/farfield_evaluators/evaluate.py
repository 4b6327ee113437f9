"""Scoring: predictions joined with hidden labels. Runs outside the sandbox; pure functions of arrays."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import TaskFamily
from farfield.errors import PredictionsError
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.columns import Attribute
from farfield_evaluators.figure import Figure
from farfield_evaluators.metrics.catalog import ID_SUBSET_ACCURACY
from farfield_evaluators.metrics.classification import all_finite, correct
from farfield_evaluators.metrics.labelspace import Space
from farfield_evaluators.scoring.classification import LabelledSet, classification_scores
from farfield_evaluators.scoring.detection import DetectionSets, accuracy_scores, detection_scores

__all__ = ["Arrays", "CurvePoint", "Truth", "check_predictions", "curve_point", "evaluate", "expected_shapes"]

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, kw_only=True)
class Truth:
    """The hidden side of a staged run, in staged order: labels [N] (-1 for OOD), domains [N] into the benchmark's.

    `positions` [N] are the examples' places in their pack, where there is one. `spaces` holds the label space of each
    domain, by its number, that has other classes than the pack; its labels are numbers of the pack's classes too.
    `attributes` are the pack's group columns and `targets` its other ones, by name and in staged order; a ragged column
    is two arrays, `boxes` and `boxes-rows` (see data/columns.py).
    """

    labels: npt.NDArray[np.int64]
    domains: npt.NDArray[np.int64]
    classes: int
    positions: npt.NDArray[np.int64] | None = None
    spaces: Mapping[int, Space] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    targets: Arrays = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """A point of a method's curve, with what the board's columns and plots need of it. Shown, and never ranked."""

    point: float
    scores: tuple[Figure, ...]

    def as_json(self) -> dict[str, Any]:
        """As it is sent and written."""
        return {"point": self.point, "scores": [figure.as_json() for figure in self.scores]}


def evaluate(benchmark: Benchmark, truth: Truth, predictions: Arrays) -> tuple[Figure, ...]:
    """All scores of a run. Raises PredictionsError for predictions that do not fit the truth."""
    check_predictions(benchmark.family, truth, predictions)
    scores = _FAMILIES[benchmark.family](benchmark, truth, predictions)
    known = {(s.metric, s.domain) for s in scores}
    absent = [c.title for c in benchmark.columns if (c.metric, c.domain) not in known]
    if absent:
        raise PredictionsError(f"no score for the columns {', '.join(absent)}")
    return scores


def curve_point(benchmark: Benchmark, truth: Truth, point: float, logits: npt.NDArray[Any]) -> CurvePoint:
    """The figures at a point of a classifier's curve. Raises PredictionsError as `evaluate` does."""
    columns = {(column.metric, column.domain) for column in benchmark.columns}
    scores = evaluate(benchmark, truth, {"logits": logits})
    return CurvePoint(point=point, scores=tuple(s for s in scores if (s.metric, s.domain) in columns or _is_axis(s)))


def _is_axis(score: Figure) -> bool:
    """Whether plots of OOD against ID accuracy need it, though it is no column."""
    return score.metric == ID_SUBSET_ACCURACY.name


def expected_shapes(family: TaskFamily, count: int, classes: int) -> dict[str, tuple[int, ...]]:
    """The arrays a run of this family must bring, with their shapes."""
    if family is TaskFamily.CLASSIFICATION:
        return {"logits": (count, classes)}
    if family is TaskFamily.OOD_DETECTION:
        return {"scores": (count,), "logits": (count, classes)}
    raise PredictionsError(f"the family {family} is not scored by this version")


def check_predictions(family: TaskFamily, truth: Truth, predictions: Arrays) -> None:
    """Raises PredictionsError naming the array that is missing, of another shape, or not finite."""
    for name, shape in expected_shapes(family, len(truth), truth.classes).items():
        if name not in predictions:
            raise PredictionsError(f"the array {name!r} is missing")
        array = predictions[name]
        if array.shape != shape:
            raise PredictionsError(f"{name} has the shape {array.shape}; expected {shape}, a row per test image")
        if not np.issubdtype(array.dtype, np.floating) or not all_finite(array):
            raise PredictionsError(f"{name} must be floating point and finite everywhere")


def _classification(benchmark: Benchmark, truth: Truth, predictions: Arrays) -> tuple[Figure, ...]:
    metrics = {metric.name for metric in benchmark.metrics}
    return classification_scores(_labelled_sets(benchmark, truth, predictions["logits"]), metrics)


def _labelled_sets(benchmark: Benchmark, truth: Truth, logits: npt.NDArray[Any]) -> Iterator[LabelledSet]:
    """The domains one after the other, so that their logits are not all there twice."""
    for number, domain in enumerate(benchmark.domains):
        inside = truth.domains == number
        yield LabelledSet(
            name=domain.name,
            role=domain.role,
            logits=logits[inside],
            labels=truth.labels[inside],
            space=truth.spaces.get(number),
        )


def _ood_detection(benchmark: Benchmark, truth: Truth, predictions: Arrays) -> tuple[Figure, ...]:
    scores = np.asarray(predictions["scores"], np.float64)
    is_id, is_shifted = (_has_role(benchmark, truth, role) for role in ("id", "shift"))

    def of_role(role: str) -> dict[str, npt.NDArray[np.float64]]:
        return {d.name: scores[truth.domains == i] for i, d in enumerate(benchmark.domains) if d.role == role}

    sets = DetectionSets(id_scores=scores[is_id], near=of_role("near"), far=of_role("far"), shifted=of_role("shift"))
    hits, shifted = (correct(predictions["logits"][part], truth.labels[part]) for part in (is_id, is_shifted))
    return (*detection_scores(sets), *accuracy_scores(hits, [shifted] if len(shifted) else []))


def _has_role(benchmark: Benchmark, truth: Truth, role: str) -> npt.NDArray[np.bool_]:
    """Which of the examples [N] are of a domain of that role."""
    return np.isin(truth.domains, [i for i, d in enumerate(benchmark.domains) if d.role == role])


_Family = Callable[[Benchmark, Truth, Arrays], tuple[Figure, ...]]
_FAMILIES: Mapping[TaskFamily, _Family] = {
    TaskFamily.CLASSIFICATION: _classification,
    TaskFamily.OOD_DETECTION: _ood_detection,
}
