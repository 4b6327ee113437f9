"""Scoring: predictions joined with hidden labels. Runs outside the sandbox; pure functions of arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import families
from farfield.errors import PredictionsError
from farfield.families import ArrayRule, Size
from farfield_evaluators.benchmark import Benchmark, Domain
from farfield_evaluators.captions import Captions
from farfield_evaluators.data.columns import ROWS, Attribute
from farfield_evaluators.data.masks import SIZE
from farfield_evaluators.figure import Figure
from farfield_evaluators.metrics.catalog import ID_SUBSET_ACCURACY
from farfield_evaluators.metrics.labelspace import Space
from farfield_evaluators.scoring.masks import check_masks
from farfield_evaluators.scoring.scorer import Wanted, score_tests
from farfield_evaluators.scoring.test import LABEL, Taken, Test, part_of

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, kw_only=True)
class Truth:
    """The hidden side of a staged run, in staged order: labels [N] (-1 for OOD), domains [N] into the benchmark's.

    `positions` [N] are the examples' places in their pack, where there is one. `spaces` holds the label space of each
    domain, by its number, that has other classes than the pack; its labels are numbers of the pack's classes too.
    `attributes` are the pack's group columns and `targets` its other ones, by name and in staged order; a ragged column
    is two arrays, `boxes` and `boxes-rows` (see data/columns.py). `class_names` [classes] name the groups of a label.
    `pool` [P] are the labels of the part "pool", in staged order: what a method may ask for. `captions` are those of
    the examples, where methods are told them.
    """

    labels: npt.NDArray[np.int64]
    domains: npt.NDArray[np.int64]
    classes: int
    positions: npt.NDArray[np.int64] | None = None
    spaces: Mapping[int, Space] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    targets: Arrays = field(default_factory=dict)
    class_names: tuple[str, ...] = ()
    pool: npt.NDArray[np.int64] | None = None
    captions: Captions | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The targets of one number an example: what a method of regression tells, in this order."""
        ragged = {name for name in self.targets if name.endswith(ROWS) or name + ROWS in self.targets}
        return tuple(name for name in self.targets if name not in ragged)


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """A point of a method's curve, with what the board's columns and plots need of it. Shown, and never ranked."""

    point: float
    scores: tuple[Figure, ...]

    def as_json(self) -> dict[str, Any]:
        """As it is sent and written."""
        return {"point": self.point, "scores": [figure.as_json() for figure in self.scores]}


@dataclass(frozen=True, kw_only=True)
class Scored:
    """The figures of a run, and its tests with the outcomes that these come from."""

    figures: tuple[Figure, ...]
    tests: tuple[Test, ...]


def evaluate(benchmark: Benchmark, truth: Truth, predictions: Arrays) -> tuple[Figure, ...]:
    """All figures that the benchmark's scorers give. Raises PredictionsError for predictions that do not fit."""
    return scored(benchmark, truth, predictions).figures


def scored(benchmark: Benchmark, truth: Truth, predictions: Arrays) -> Scored:
    """As `evaluate`, with the outcome of each example."""
    rules = rules_of(benchmark, truth)
    check_predictions(rules, predictions)
    predictions = _with_counts(rules, predictions)
    if benchmark.masks:
        check_masks(predictions, truth.targets[SIZE])
    tests = as_tests(benchmark, truth, predictions)
    return Scored(figures=figures_of(benchmark, tests), tests=tests)


def figures_of(benchmark: Benchmark, tests: Sequence[Test]) -> tuple[Figure, ...]:
    """All figures that the benchmark's scorers give of its tests. Raises PredictionsError for a column without one."""
    wanted = Wanted(metrics=frozenset(m.name for m in benchmark.metrics), aggregates=benchmark.aggregates)
    figures = score_tests(benchmark.scorers, tests, wanted)
    known = {figure.key for figure in figures}
    # What is on no domain of one run, such as a point of a grid, comes of several.
    own = {*(domain.name for domain in benchmark.domains), *(aggregate.name for aggregate in benchmark.aggregates)}
    absent = [c.title for c in benchmark.columns if c.domain in own and (c.metric, c.domain) not in known]
    if absent:
        raise PredictionsError(f"no score for the columns {', '.join(absent)}")
    return figures


def as_tests(benchmark: Benchmark, truth: Truth, predictions: Arrays) -> tuple[Test, ...]:
    """The examples domain by domain, with the label and the benchmark's groups as attributes.

    Outputs are copied when a scorer looks at them: they are not all there twice.
    """
    attributes = {name: attribute for name, attribute in truth.attributes.items() if name in benchmark.groups}
    attributes[LABEL] = Attribute(numbers=truth.labels, values=truth.class_names)
    whole = replace(truth, attributes=attributes, targets={**truth.targets, LABEL: truth.labels})
    if truth.captions is not None:
        predictions = truth.captions.by_image(predictions)
    return tuple(_test_of(number, domain, whole, predictions) for number, domain in enumerate(benchmark.domains))


def _test_of(number: int, domain: Domain, truth: Truth, predictions: Arrays) -> Test:
    rows = np.flatnonzero(truth.domains == number)
    return Test(
        domain=domain.name,
        role=domain.role,
        count=len(rows),
        outputs=Taken(predictions, rows),
        targets=Taken(truth.targets, rows),
        attributes={name: part_of(attribute, rows) for name, attribute in truth.attributes.items()},
        space=truth.spaces.get(number),
        classes=truth.classes,
    )


def curve_point(benchmark: Benchmark, truth: Truth, point: float, logits: npt.NDArray[Any]) -> CurvePoint:
    """The figures at a point of a classifier's curve. Raises PredictionsError as `evaluate` does."""
    columns = {(column.metric, column.domain) for column in benchmark.columns}
    figures = evaluate(benchmark, truth, {"logits": logits})
    return CurvePoint(point=point, scores=tuple(f for f in figures if f.key in columns or _is_axis(f)))


def _is_axis(figure: Figure) -> bool:
    """Whether plots of OOD against ID accuracy need it, though it is no column."""
    return figure.metric == ID_SUBSET_ACCURACY.name


def rules_of(benchmark: Benchmark, truth: Truth) -> Mapping[str, ArrayRule]:
    """What the arrays that a run brings must be, by name."""
    texts = len(truth.captions.told) if truth.captions else 0
    targets = max(1, len(truth.numbers))
    size = benchmark.size(examples=len(truth), classes=truth.classes, targets=targets, texts=texts)
    return families.of(benchmark.family).outputs(size)


def expected_shapes(family: str, count: int, classes: int) -> dict[str, tuple[int, ...]]:
    """The arrays of a family that have a row for each of N test images, with their shapes.

    Raises PredictionsError for a family whose arrays have other rows: those cannot be handed in as a file.
    """
    rules = families.of(family).outputs(Size(examples=count, classes=classes))
    if any(rule.counts or rule.shape[0] != count for rule in rules.values()) or count_names(rules):
        raise PredictionsError(f"predictions of {family} do not have a row for each image, which a file of them needs")
    return {name: rule.shape for name, rule in rules.items()}


def count_names(rules: Mapping[str, ArrayRule]) -> frozenset[str]:
    """The arrays that say how many rows of others each example has."""
    return frozenset(rule.counts for rule in rules.values() if rule.counts)


def check_predictions(rules: Mapping[str, ArrayRule], predictions: Arrays) -> None:
    """Raises PredictionsError naming the array that is missing, of another shape, or holds what it may not."""
    for name, rule in rules.items():
        if name not in predictions:
            raise PredictionsError(f"the array {name!r} is missing")
        problem = rule.problem(name, predictions[name], predictions)
        if problem:
            raise PredictionsError(problem)


def _with_counts(rules: Mapping[str, ArrayRule], predictions: Arrays) -> Arrays:
    """Each ragged array with its counts beside it under its own name, as a test has them; counts are int64."""
    plain = {name: predictions[name].astype(np.int64) for name in count_names(rules)}
    counts = {f"{name}{ROWS}": plain[rule.counts] for name, rule in rules.items() if rule.counts}
    return {**predictions, **plain, **counts}
