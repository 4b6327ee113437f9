"""The figures of a fixed random run of each benchmark are frozen to the last digit: one that moves is another.

The file holds more than boards declare: all that was computed before boards said what they need.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.grouped import groups_of

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks
from farfield_evaluators.data.label_space import LabelSpace, subset
from farfield_evaluators.evaluate import Truth, as_tests, evaluate, rules_of
from farfield_evaluators.figure import Figure
from farfield_evaluators.scoring import detection
from farfield_evaluators.scoring.files import OF_CLASSIFIERS
from farfield_evaluators.scoring.scorer import Scorer, Wanted, score_tests
from farfield_evaluators.suites.domainbed.board import Chosen, scores_of
from farfield_evaluators.suites.domainbed.datasets import IMPORTABLE, DataSet

FROZEN = json.loads(Path(__file__).with_name("figures.json").read_text(encoding="utf-8"))
SWEPT = {dataset.benchmark: dataset for dataset in IMPORTABLE}
RUN = [benchmark for benchmark in benchmarks() if benchmark.runs_methods]  # the others' scorers are WILDS' own
SCORED = [benchmark for benchmark in RUN if benchmark.name not in SWEPT]
CLASSES, PER_DOMAIN = 12, 40
TARGET = "wealthpooled"  # of the boards of regression
SCORERS = {
    TaskFamily.CLASSIFICATION: OF_CLASSIFIERS,
    TaskFamily.OOD_DETECTION: (
        detection.CLASSIC,
        detection.FULL_SPECTRUM,
        detection.ID_ACCURACY,
        detection.FULL_SPECTRUM_ACCURACY,
    ),
    TaskFamily.DETECTION: (),
}
SPACES = {
    "r": subset((1, 4, 6, 7, 9, 10)),
    "a": subset((0, 2, 3, 5, 8)),
    "objectnet": LabelSpace(kind="max", groups=((0, 5), (2, 3, 8), (11,))),
}


@pytest.mark.parametrize("benchmark", SCORED, ids=lambda benchmark: benchmark.name)
def test_a_run_has_the_figures_that_it_had(benchmark: Benchmark) -> None:
    declared = {metric.name for metric in benchmark.metrics}
    frozen = [row for row in FROZEN[benchmark.name] if row[0] in declared]
    assert_same(evaluate(benchmark, *run_of(benchmark)), frozen)


@pytest.mark.parametrize("benchmark", SCORED, ids=lambda benchmark: benchmark.name)
def test_no_scorer_gives_another_figure_than_it_did(benchmark: Benchmark) -> None:
    """Also those of metrics that the benchmark does not declare."""
    frozen = FROZEN[benchmark.name]
    metrics = frozenset(metric for metric, *_ in frozen)
    tests = as_tests(benchmark, *run_of(benchmark))
    wanted = Wanted(metrics=metrics, aggregates=benchmark.aggregates)
    assert_same(score_tests(scorers_of(benchmark), tests, wanted), frozen)


@pytest.mark.parametrize("name", SWEPT)
def test_a_sweep_has_the_figures_that_it_had(name: str) -> None:
    assert_same(scores_of(chosen(SWEPT[name]), SWEPT[name]), FROZEN[name])


def test_no_benchmark_is_lost() -> None:
    assert FROZEN.keys() == {benchmark.name for benchmark in RUN}


def scorers_of(benchmark: Benchmark) -> tuple[Scorer, ...]:
    """All of its family; those that it declares where some of its metrics are none of the family's."""
    family = SCORERS.get(benchmark.family, ())
    known = {metric.name for scorer in family for metric in scorer.gives}
    return family if {metric.name for metric in benchmark.metrics} <= known else benchmark.scorers


def assert_same(figures: tuple[Figure, ...], frozen: list[list[object]]) -> None:
    """The same doubles, but for what another machine's order of summing may do to the last bits."""
    found = {figure.key: figure for figure in figures}
    assert len(found) == len(figures)
    assert found.keys() == {(metric, domain) for metric, domain, *_ in frozen}
    for metric, domain, value, stderr, n, trials in frozen:
        figure = found[metric, domain]
        assert figure.value == pytest.approx(float.fromhex(value), rel=1e-14, abs=0)
        assert figure.stderr == (None if stderr is None else pytest.approx(float.fromhex(stderr), rel=1e-13, abs=0))
        assert (figure.n, figure.trials) == (n, trials)


def as_frozen(figures: tuple[Figure, ...]) -> list[list[object]]:
    """As the file holds them."""
    return [
        [f.metric, f.domain, float(f.value).hex(), None if f.stderr is None else float(f.stderr).hex(), f.n, f.trials]
        for f in figures
    ]


def run_of(benchmark: Benchmark) -> tuple[Truth, dict[str, np.ndarray]]:
    """A random run on all domains, in a shuffled order, with the label spaces that some sets have."""
    rng = np.random.default_rng(7)
    domains = np.repeat(np.arange(len(benchmark.domains)), PER_DOMAIN)
    spaces = {number: SPACES[d.name] for number, d in enumerate(benchmark.domains) if d.name in SPACES}
    labels = np.array([rng.choice(_members(spaces.get(int(number)))) for number in domains])
    is_ood = np.array([d.role in ("near", "far") for d in benchmark.domains])[domains]
    logits = rng.normal(size=(len(domains), CLASSES)).astype(np.float32)
    logits[np.arange(len(domains)), labels] += 1.5
    scores = rng.normal(size=len(domains)) + ~is_ood
    order = rng.permutation(len(domains))
    labels = np.where(is_ood, -1, labels)
    groups = groups_of(benchmark, len(domains), rng)
    right = rng.normal(size=len(domains))
    truth = Truth(
        labels=labels[order],
        domains=domains[order],
        classes=CLASSES,
        spaces=spaces,
        attributes=groups,
        targets={TARGET: right} if benchmark.family == TaskFamily.REGRESSION else {},
    )
    if "boxes" in rules_of(benchmark, truth):
        return with_boxes(truth, np.random.default_rng(13))
    values = right.reshape(-1, 1) + rng.normal(size=(len(domains), 1))
    return truth, {"logits": logits[order], "scores": scores[order], "values": values}


def with_boxes(truth: Truth, rng: np.random.Generator) -> tuple[Truth, dict[str, np.ndarray]]:
    """Up to four objects an image, each detected or not, more or less where it is, and false detections."""
    rows = rng.integers(0, 5, len(truth.labels))
    objects = np.concatenate([rng.integers(0, 60, (rows.sum(), 2)), rng.integers(8, 24, (rows.sum(), 2))], axis=1)
    images = np.repeat(np.arange(len(rows)), rows)
    seen = rng.random(len(images)) < 0.8
    said = np.concatenate([objects[seen] + rng.integers(-3, 4, (seen.sum(), 4)), rng.integers(1, 60, (40, 4))])
    at = np.concatenate([images[seen], rng.integers(0, len(rows), 40)])
    order = np.argsort(at, kind="stable")
    corners = np.concatenate([said[:, :2], said[:, :2] + said[:, 2:]], axis=1)[order].clip(0).astype(np.float32)
    targets = {"boxes": objects.astype(float), "boxes-rows": rows, "box-labels": np.zeros((len(objects), 1), int)}
    counts = np.bincount(at, minlength=len(rows))
    outputs = dict.fromkeys(("boxes-rows", "scores-rows", "labels-rows"), counts) | {"boxes": corners}
    scores = rng.random(len(said)).astype(np.float32)
    return replace(truth, targets=targets), {**outputs, "scores": scores, "labels": np.zeros(len(said), np.int32)}


def chosen(dataset: DataSet) -> tuple[Chosen, ...]:
    """What rules chose in three trials; the last rule has a trial less in the last environment."""
    rng = np.random.default_rng(11)
    environments = range(len(dataset.environments))
    return tuple(
        Chosen(
            rule=rule,
            test_env=environment,
            trial_seed=trial,
            hparams_seed=0,
            step=300,
            validation=0.5,
            test=float(rng.uniform()),
            n=100 + environment,
        )
        for rule in ("iid", "loo", "oracle", "variation")
        for environment in environments
        for trial in range(3)
        if (rule, environment, trial) != ("variation", environments[-1], 2)
    )


def _members(space: LabelSpace | None) -> np.ndarray:
    if space is None:
        return np.arange(CLASSES)
    return np.array([group[0] for group in space.groups] if space.kind == "max" else space.classes)
