"""A method that is declared stochastic is run several times on a board of single runs, and its error says so."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.unit.web.conftest import FINGERPRINT, described, found_in, report_of
from tests.unit.web.plans import NAME, install
from tests.unit.web.test_introduce import ALL

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.plans.trials import Trials
from farfield_web.accounts.models import User
from farfield_web.runs import lease
from farfield_web.runs.announce import announce
from farfield_web.runs.introduce import introduce
from farfield_web.runs.submit import Request, submit
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Submission, Upload

pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.fixture
def benchmark(db: None, monkeypatch: pytest.MonkeyPatch) -> Benchmark:
    board = install(monkeypatch, Trials(stochastic=3))
    data = {"version": board.version, "fingerprint": FINGERPRINT, "key": board.comparability_key(FINGERPRINT)}
    announce(
        "worker-1", [described("steady"), {**described("lucky"), "stochastic": True}], {NAME: data}, accepts=list(Kind)
    )
    return board


def entered(benchmark: Benchmark, person: User, method: str, *values: float) -> Submission:
    made = submit(person, Request(benchmark=NAME, method=method, track="open"))
    for value in values:
        run = lease.claim("worker-1", "cpu")
        assert run is not None
        scores = [
            {"metric": "accuracy", "domain": d, "value": value, "stderr": 0.04, "n": 20} for d in ("shifts", "id")
        ]
        key = benchmark.comparability_key(FINGERPRINT)
        assert store_report(report_of(run, scores=scores, comparability_key=key)) is None
    return made


def test_only_a_stochastic_method_is_run_several_times(benchmark: Benchmark, person: User) -> None:
    lucky, steady = (entered(benchmark, person, name) for name in ("lucky", "steady"))
    assert [run.cell for run in lucky.runs.all()] == [{"trial": 0}, {"trial": 1}, {"trial": 2}]
    assert len({run.seed for run in lucky.runs.all()}) == 3
    assert steady.runs.count() == 1


def test_both_are_ranked_together_and_the_error_is_said(
    benchmark: Benchmark, person: User, client: Client, call: Callable[..., Any]
) -> None:
    lucky = entered(benchmark, person, "lucky", 0.4, 0.5, 0.6)
    entered(benchmark, person, "steady", 0.45)
    first, second = call("get", f"leaderboards/{NAME}").json()["rows"]
    assert [(row["method"], row["rank"]) for row in (first, second)] == [("lucky", 1), ("steady", 2)]
    figures = [row["figures"][0] for row in (first, second)]
    assert [figure["trials"] for figure in figures] == [3, 1]
    assert figures[0]["stderr"] == round(math.hypot(0.1 / math.sqrt(3), 0.04), 4)
    assert figures[1]["stderr"] == 0.04
    assert call("get", f"benchmarks/{NAME}").json()["stochastic_trials"] == 3
    board, entry = (client.get(at).content.decode() for at in (f"/boards/{NAME}/", f"/submissions/{lucky.pk}/"))
    assert "is run 3 times: its figure is the mean, and its error is over trials and test images both" in board
    assert board.count('<span class="mark">3 trials</span>') >= 1
    assert "over 3 trials and test examples" in entry
    record = call("get", f"submissions/{lucky.pk}/every-eval-ever").json()["evaluation_results"][0]
    told = record["score_details"]["uncertainty"]["standard_error"]["method"]
    assert told == "over 3 trials and test examples, ddof 1"


def test_a_package_gets_its_further_runs_once_it_says_that_it_is_stochastic(
    benchmark: Benchmark, person: User, wheel: Upload
) -> None:
    request = Request(benchmark=NAME, track="open", kind=Kind.PLUGIN.value, upload=wheel.sha256)
    made = submit(person, request)
    assert made.runs.count() == 1
    run = lease.claim("worker-1", "cpu", ALL)
    assert run is not None
    introduce(run.pk, run.token, found_in(stochastic=True))
    assert [(one.trial, one.status) for one in made.runs.all()] == [(0, "preparing"), (1, "queued"), (2, "queued")]
    assert made.runs.get(trial=2).events.get().message == "its method is declared stochastic"
    introduce(run.pk, run.token, found_in(stochastic=True))
    assert made.runs.count() == 3
