"""The figures of a fixed random run of each benchmark are frozen to the last digit: one that moves is another.

The file holds more than boards declare: all that was computed before boards said what they need.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.made_runs import run_of

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks
from farfield_evaluators.evaluate import as_tests, evaluate
from farfield_evaluators.figure import Figure
from farfield_evaluators.scoring import detection
from farfield_evaluators.scoring.files import OF_CLASSIFIERS
from farfield_evaluators.scoring.scorer import Scorer, Wanted, score_tests
from farfield_evaluators.suites.domainbed.board import Chosen, scores_of
from farfield_evaluators.suites.domainbed.dataset import DataSet
from farfield_evaluators.suites.domainbed.datasets import DATASETS

FROZEN = json.loads(Path(__file__).with_name("figures.json").read_text(encoding="utf-8"))
SWEPT = {dataset.benchmark: dataset for dataset in DATASETS}
RUN = [benchmark for benchmark in benchmarks() if benchmark.runs_methods]  # the others' scorers are WILDS' own
SCORED = [benchmark for benchmark in RUN if benchmark.name not in SWEPT]
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


def chosen(dataset: DataSet) -> tuple[Chosen, ...]:
    """What rules chose in three trials; the last rule has a trial less in the last environment."""
    rng = np.random.default_rng(11)
    environments = dataset.tested
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
