"""An entry of which a fold or repeat is missing has no rank, and every place says which and why."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.evaluators.test_benchmark import BENCHMARK
from tests.unit.web.plans import NAME, install
from tests.unit.web.test_other_plans import finish, offered

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.plans.folds import Folds
from farfield_web.accounts.models import User
from farfield_web.leaderboards.progress import NAMED, Missing, Progress, why_unfinished
from farfield_web.leaderboards.queries import board
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status
from farfield_web.runs.submit import Request, submit
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]
NAMES = tuple("ABCDEFGH")
MEMORY = "fold C has no result: failed (resources.memory)"


@pytest.fixture
def benchmark(db: None, monkeypatch: pytest.MonkeyPatch) -> Benchmark:
    return offered(install(monkeypatch, Folds(("A", "B", "C"))))


@pytest.fixture
def lacking(benchmark: Benchmark, person: User) -> Submission:
    """An entry of which one fold of three has failed."""
    entered = submit(person, Request(benchmark=NAME, method="constant", track="open"))
    for value in (0.4, 0.6):
        finish(benchmark, value)
    failure = {"code": "resources.memory", "message": "It held more than it may."}
    finish(benchmark, 0.5, outcome="failed", failure=failure, scores=[])
    return entered


def test_board_page_and_api_name_the_fold_and_why(lacking: Submission, call: Any, client: Client) -> None:
    expected = f"unfinished: 2 of 3 runs are done, 1 failed; {MEMORY}"
    (row,) = call("get", f"leaderboards/{NAME}").json()["rows"]
    assert (row["rank"], row["reason"], row["figures"][0]["value"]) == (None, expected, 0.5)
    assert call("get", f"submissions/{lacking.pk}").json()["unranked"] == expected
    for path in (f"/boards/{NAME}/", f"/submissions/{lacking.pk}/"):
        assert MEMORY in client.get(path).content.decode(), path


def test_a_whole_entry_lacks_nothing(benchmark: Benchmark, lacking: Submission, call: Any) -> None:
    Run.objects.filter(submission=lacking, status="failed").update(status="queued")
    (row,) = board(benchmark).rows
    assert row.reason == "unfinished: 2 of 3 runs are done; fold C has no result: waiting"
    finish(benchmark, 0.8)
    (row,) = board(benchmark).rows
    assert (row.rank, row.reason) == (1, "")
    assert call("get", f"submissions/{lacking.pk}").json()["unranked"] == ""


@given(st.lists(st.sampled_from([*Status]), min_size=len(NAMES), max_size=len(NAMES)))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_has_ended_without_a_result_is_named(
    monkeypatch: pytest.MonkeyPatch, person: User, states: list[Status]
) -> None:
    benchmark = offered(install(monkeypatch, Folds(NAMES)))
    Submission.objects.all().delete()
    entered = submit(person, Request(benchmark=NAME, method="constant", track="open"))
    finish(benchmark, 0.5)
    for number, state in enumerate(states[1:], 1):
        code = "plugin.raised" if state is Status.FAILED else ""
        Run.objects.filter(submission=entered, trial=number).update(status=state, failure_code=code)
    Run.objects.filter(submission=entered, status=Status.SUCCEEDED).update(comparability_key=key_of(benchmark))
    (row,) = board(benchmark).rows
    missing = [name for name, state in zip(NAMES[1:], states[1:], strict=True) if state is not Status.SUCCEEDED]
    ended = [n for n, s in zip(NAMES[1:], states[1:], strict=True) if s in (Status.FAILED, Status.CANCELLED)]
    assert (row.rank is None) == bool(missing)
    named = [name for name in NAMES if f"fold {name} has no result" in row.reason]
    expected = missing if len(missing) <= NAMED else ended
    assert set(named) <= set(expected)
    assert len(named) == min(len(expected), NAMED)


def key_of(benchmark: Benchmark) -> str:
    return benchmark.comparability_key("e" * 64)


@given(st.lists(st.sampled_from(["failed", "cancelled", "queued"]), max_size=NAMED), st.integers(0, 3000))
def test_of_many_only_what_has_ended_is_named(states: list[str], more: int) -> None:
    runs = [Missing(cell={"fold": f"f{n}"}, trial=n, status=state) for n, state in enumerate(states)]
    progress = Progress(total=len(states) + more + 1, succeeded=1, failed=states.count("failed"))
    text = why_unfinished(replace(BENCHMARK, plan=Folds(("A", "B"))), progress, runs)
    few = len(states) + more <= NAMED
    assert text.count("has no result") == sum(few or state != "queued" for state in states)
    assert text.startswith(f"unfinished: 1 of {progress.total} runs are done")
