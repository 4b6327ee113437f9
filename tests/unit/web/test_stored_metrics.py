"""The metrics that are stored of a run, and those that the API names: the same."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.made_runs import run_of
from tests.unit.web.conftest import BOARD, report_of

from farfield_evaluators.catalog import benchmarks, find
from farfield_evaluators.evaluate import evaluate
from farfield_web.runs import lease
from farfield_web.runs.models import Run
from farfield_web.runs.tasks import store_report

# Scores of those that run no method are held to their own evaluation in tests/suites/wilds.
SCORED = [benchmark for benchmark in benchmarks() if benchmark.scorers and benchmark.runs_methods]


@pytest.mark.parametrize("benchmark", SCORED, ids=lambda benchmark: benchmark.name)
def test_scoring_gives_what_the_benchmark_declares(benchmark: Any) -> None:
    given = {figure.metric for figure in evaluate(benchmark, *run_of(benchmark))}
    assert given <= {metric.name for metric in benchmark.metrics}
    assert {column.metric for column in benchmark.columns} <= given


@pytest.mark.services
@pytest.mark.django_db
def test_the_api_names_what_a_run_stores_and_nothing_else_is_stored(run: Run, call: Callable[..., Any]) -> None:
    held = lease.claim("w", "cpu")
    assert held is not None
    metrics = ("accuracy", "nll", "top5", "of-a-newer-worker")
    scores = [
        {"metric": name, "domain": d, "value": 0.5, "stderr": None, "n": 9}
        for name in metrics
        for d in ("id", "shifts")
    ]
    store_report(report_of(held, scores=scores))
    stored = {score["metric"] for score in call("get", f"runs/{run.pk}").json()["scores"]}
    assert stored == {"accuracy"}
    named = {metric["name"]: metric for metric in call("get", f"benchmarks/{BOARD}").json()["metrics"]}
    assert set(named) == stored
    other = call("get", "benchmarks/imagenet-ood/imagenet").json()["metrics"]
    assert [metric["name"] for metric in other] == [metric.name for metric in find("imagenet-ood/imagenet").metrics]
    nll = next(metric for metric in other if metric["name"] == "nll")
    assert (nll["unit"], nll["higher_is_better"]) == ("", False)
    assert all(metric["title"] for metric in other)
