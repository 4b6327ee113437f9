"""Scoring: predictions joined with hidden labels. Runs outside the sandbox; pure functions of arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import Benchmark, TaskFamily
from farfield.errors import PredictionsError
from farfield_evaluators.metrics.bootstrap import detection_stderr
from farfield_evaluators.metrics.classification import accuracy, binomial_stderr, correct, mean_stderr
from farfield_evaluators.metrics.detection import MEASURES

Arrays = Mapping[str, npt.NDArray[Any]]
AGGREGATES = {"id": "id", "shift": "shifts", "near": "near", "far": "far"}


@dataclass(frozen=True, kw_only=True)
class Score:
    """One figure: a metric (0..1) on a domain or an aggregate, with its standard error over the n test examples."""

    metric: str
    domain: str
    value: float
    stderr: float | None
    n: int


@dataclass(frozen=True, kw_only=True)
class Truth:
    """The hidden side of a staged run, in staged order: labels [N] (-1 for OOD), domains [N] into the benchmark's.

    `positions` [N] are the examples' places in their pack, where there is one.
    """

    labels: npt.NDArray[np.int64]
    domains: npt.NDArray[np.int64]
    classes: int
    positions: npt.NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.labels)


def evaluate(benchmark: Benchmark, truth: Truth, predictions: Arrays) -> tuple[Score, ...]:
    """All scores of a run. Raises PredictionsError for predictions that do not fit the truth."""
    check_predictions(benchmark.family, truth, predictions)
    scores = _FAMILIES[benchmark.family](benchmark, truth, predictions)
    known = {(s.metric, s.domain) for s in scores}
    absent = [c.title for c in benchmark.columns if (c.metric, c.domain) not in known]
    if absent:
        raise PredictionsError(f"no score for the columns {', '.join(absent)}")
    return scores


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
        if not np.issubdtype(array.dtype, np.floating) or not np.isfinite(array).all():
            raise PredictionsError(f"{name} must be floating point and finite everywhere")


def _classification(benchmark: Benchmark, truth: Truth, predictions: Arrays) -> tuple[Score, ...]:
    hits = correct(predictions["logits"], truth.labels)
    found = []
    for number, domain in enumerate(benchmark.domains):
        inside = hits[truth.domains == number]
        share = accuracy(inside)
        error = binomial_stderr(share, len(inside))
        found.append(Score(metric="accuracy", domain=domain.name, value=share, stderr=error, n=len(inside)))
    return (*found, *_role_means(benchmark, found))


def _role_means(benchmark: Benchmark, scores: list[Score]) -> list[Score]:
    """Unweighted means over the domains of each role."""
    means = []
    for role, aggregate in AGGREGATES.items():
        names = {d.name for d in benchmark.domains if d.role == role}
        members = [s for s in scores if s.domain in names]
        if members:
            error = mean_stderr([s.stderr or 0.0 for s in members])
            value, n = fmean(s.value for s in members), sum(s.n for s in members)
            means.append(Score(metric=members[0].metric, domain=aggregate, value=value, stderr=error, n=n))
    return means


def _ood_detection(benchmark: Benchmark, truth: Truth, predictions: Arrays) -> tuple[Score, ...]:
    scores = np.asarray(predictions["scores"], np.float64)
    by_role = {r: [i for i, d in enumerate(benchmark.domains) if d.role == r] for r in ("id", "near", "far")}
    is_id = np.isin(truth.domains, by_role["id"])
    ood = {benchmark.domains[i].name: scores[truth.domains == i] for r in ("near", "far") for i in by_role[r]}
    groups = {r: [benchmark.domains[i].name for i in by_role[r]] for r in ("near", "far") if by_role[r]}
    sizes = {name: len(values) for name, values in ood.items()}
    sizes |= {role: sum(sizes[name] for name in names) for role, names in groups.items()}

    def statistics(id_scores: npt.NDArray[Any], sets: Mapping[str, npt.NDArray[Any]]) -> dict[str, float]:
        return _detection_statistics(id_scores, sets, groups)

    values = statistics(scores[is_id], ood)
    errors = detection_stderr(statistics, scores[is_id], ood)
    found = [_detection_score(key, value, errors[key], sizes, int(is_id.sum())) for key, value in values.items()]
    return (*found, *_id_accuracy(truth, predictions["logits"], is_id))


def _detection_statistics(
    id_scores: npt.NDArray[Any], sets: Mapping[str, npt.NDArray[Any]], groups: Mapping[str, list[str]]
) -> dict[str, float]:
    """Every measure on every set and, unweighted, on near and far; keys are "metric domain"."""
    values = {f"{m} {name}": f(id_scores, ood) for m, f in MEASURES.items() for name, ood in sets.items()}
    means = {f"{m} {g}": fmean(values[f"{m} {n}"] for n in names) for m in MEASURES for g, names in groups.items()}
    return values | means


def _detection_score(key: str, value: float, error: float, sizes: Mapping[str, int], id_count: int) -> Score:
    metric, domain = key.split(" ")
    return Score(metric=metric, domain=domain, value=value, stderr=error, n=id_count + sizes[domain])


def _id_accuracy(truth: Truth, logits: npt.NDArray[Any], is_id: npt.NDArray[np.bool_]) -> list[Score]:
    share = accuracy(correct(logits[is_id], truth.labels[is_id]))
    n = int(is_id.sum())
    return [Score(metric="accuracy", domain="id", value=share, stderr=binomial_stderr(share, n), n=n)]


_FAMILIES = {TaskFamily.CLASSIFICATION: _classification, TaskFamily.OOD_DETECTION: _ood_detection}
