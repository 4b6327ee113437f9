"""Reports: once, in one transaction, and only from who holds the run."""

from typing import Any

import pytest
from django.db import IntegrityError
from tests.unit.web.conftest import KEY, report_of

from farfield_evaluators.wire import VERSION
from farfield_web.accounts.models import User
from farfield_web.runs import lease, logs, verbs
from farfield_web.runs.models import Run, RunEvent, Score
from farfield_web.runs.status import Status
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.fixture
def leased(run: Run) -> Run:
    taken = lease.claim("w", "cpu")
    assert taken is not None
    return taken


def stored(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def failed_report(run: Run, **changes: Any) -> dict[str, Any]:
    failure = {"code": "plugin.raised", "message": "ZeroDivisionError\x00: division by zero"}
    return report_of(run, outcome="failed", scores=[], failure=failure, **changes)


def test_success_stores_scores_state_and_log(leased: Run, django_assert_max_num_queries: Any) -> None:
    report = report_of(leased, stage="scoring")
    with django_assert_max_num_queries(30):  # two of them for each state on its way
        store_report(report)
    now = stored(leased)
    assert now.state is Status.SUCCEEDED
    assert (now.comparability_key, now.seconds["run"], now.method_version) == (KEY, 2.0, "1.0")
    assert now.finished_at is not None
    assert {(s.metric, s.domain, s.value, s.stderr, s.n) for s in now.scores.all()} == {
        ("accuracy", "shifts", 0.5, 0.01, 20),
        ("accuracy", "id", 0.5, 0.01, 20),
    }
    assert logs.read(now).text == "done\n"
    assert [e.target for e in now.events.all()] == ["queued", "preparing", "running", "scoring", "succeeded"]


@pytest.mark.parametrize("version", [None, VERSION - 1, VERSION + 1])
def test_a_report_of_another_version_costs_the_method_nothing(leased: Run, version: int | None) -> None:
    old = {name: value for name, value in report_of(leased).items() if name != "wire"}
    store_report(old if version is None else {"wire": version, "run": str(leased.pk), "token": leased.token})
    now = stored(leased)
    assert (now.state, now.losses, now.attempt) == (Status.QUEUED, 0, 2)
    assert "a report of another version: the worker speaks" in now.events.last().message
    assert lease.claim("w", "cpu") is not None


def test_a_report_of_another_form_is_a_loss_that_names_the_entry(leased: Run) -> None:
    store_report(report_of(leased, colour="red"))
    now = stored(leased)
    assert (now.state, now.losses) == (Status.QUEUED, 1)
    assert now.events.last().message == "colour: unknown"


def test_a_doubled_report_changes_nothing(leased: Run) -> None:
    store_report(report_of(leased))
    store_report(report_of(leased))
    assert Score.objects.count() == 2
    assert RunEvent.objects.filter(kind="report_refused").count() == 0
    assert stored(leased).state is Status.SUCCEEDED


def test_a_failure_after_success_changes_nothing(leased: Run) -> None:
    store_report(report_of(leased))
    store_report(failed_report(leased))
    assert stored(leased).failure_code == ""


def test_a_report_under_an_old_token_is_refused(leased: Run) -> None:
    store_report({**report_of(leased), "token": "ölder"})
    assert stored(leased).state is Status.PREPARING
    assert not Score.objects.exists()
    assert "no longer holds" in RunEvent.objects.get(kind="report_refused").message


def test_a_report_for_a_queued_run_is_refused(run: Run) -> None:
    store_report(report_of(run))
    assert stored(run).state is Status.QUEUED


def test_a_report_after_cancel_is_refused(leased: Run, person: User) -> None:
    verbs.cancel(leased.submission, person)
    store_report(report_of(leased))
    assert stored(leased).state is Status.CANCELLED
    assert not Score.objects.exists()


def test_a_failing_method_fails_and_keeps_its_quota(leased: Run) -> None:
    store_report(failed_report(leased))
    now = stored(leased)
    assert (now.state, now.failure_code) == (Status.FAILED, "plugin.raised")
    assert now.failure_message == "ZeroDivisionError\ufffd: division by zero"
    assert Submission.objects.get().quota_at is not None


def test_an_infrastructure_failure_is_tried_again_then_given_back(leased: Run, wakes: list[str]) -> None:
    run = leased
    for attempt in (2, 3):
        store_report(failed_report(run, infrastructure=True))
        now = stored(run)
        assert (now.state, now.attempt, now.token) == (Status.QUEUED, attempt, "")
        taken = lease.claim("w", "cpu")
        assert taken is not None
        run = taken
    store_report(failed_report(run, infrastructure=True))
    assert stored(run).state is Status.FAILED
    submission = Submission.objects.get()
    assert (submission.quota_at, submission.quota_returned_because) == (None, "the platform failed")


def lost(run: Run, code: str, message: str) -> Run:
    """The run after a report that blames the platform, claimed again if it is waiting."""
    failure = {"code": code, "message": message}
    store_report(report_of(run, outcome="failed", scores=[], failure=failure, infrastructure=True))
    return lease.claim("w", "cpu") or stored(run)


def test_the_same_defect_twice_is_not_infrastructure(leased: Run, person: User) -> None:
    again = lost(leased, "platform.error", "KeyError in the evaluation path, farfield_workers.x:1")
    assert (again.state, again.attempt) == (Status.PREPARING, 2)
    ended = lost(again, "platform.error", "KeyError in the evaluation path, farfield_workers.x:1")
    assert (ended.state, ended.attempt, ended.failure_code) == (Status.FAILED, 2, "platform.error")
    assert ended.failure_message.startswith("It failed twice in exactly the same way, so it is not tried again, and c")
    assert Submission.objects.get().quota_at is not None
    # A retry, which counts, has no free repeats either.
    verbs.retry(ended.submission, person)
    retried = lease.claim("w", "cpu")
    assert retried is not None
    assert lost(retried, "platform.error", "KeyError in the evaluation path, farfield_workers.x:1").attempt == 3
    assert stored(leased).state is Status.FAILED
    assert Submission.objects.get().quota_at is not None


def test_two_reports_that_cannot_be_read_in_the_same_way_end_the_run(leased: Run) -> None:
    for state in (Status.QUEUED, Status.FAILED):
        run = lease.claim("w", "cpu") or leased
        store_report(report_of(run, outcome="maybe"))
        assert stored(leased).state is state
    assert stored(leased).failure_code == "platform.bad_report"


def test_other_defects_and_mishaps_of_a_machine_are_tried_again_as_ever(leased: Run) -> None:
    run = lost(leased, "platform.error", "KeyError in the evaluation path, farfield_workers.x:1")
    run = lost(run, "platform.error", "ValueError in the evaluation path, farfield_workers.y:2")
    assert (run.state, run.attempt) == (Status.PREPARING, 3)


def test_a_full_disk_twice_is_a_mishap_of_the_machine(leased: Run) -> None:
    run = lost(leased, "platform.disk", "the worker's disk is full")
    run = lost(run, "platform.disk", "the worker's disk is full")
    assert (run.state, run.attempt) == (Status.PREPARING, 3)


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": "maybe"},
        {"scores": [{"metric": "accuracy"}]},
        {"scores": [{"metric": "a", "domain": "b", "value": 1.0}] * 2},
        {"scores": [{"metric": "a", "domain": "b", "value": "high"}]},
        {"seconds": [1]},
        {"environment": {"x": float("nan")}},
        {"failure": "broken"},
    ],
    ids=str,
)
def test_a_bad_report_counts_as_ours(leased: Run, changes: dict[str, Any]) -> None:
    store_report(report_of(leased, **changes))
    now = stored(leased)
    assert (now.state, now.attempt) == (Status.QUEUED, 2)
    assert not Score.objects.exists()


@pytest.mark.parametrize("values", [{}, {"run": "nonsense"}, {"run": "00000000-0000-0000-0000-000000000000"}])
def test_a_report_about_nothing_is_dropped(db: None, values: dict[str, Any]) -> None:
    store_report(values)
    assert not RunEvent.objects.exists()


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_a_missing_value_is_never_stored(leased: Run, value: float | None) -> None:
    scores = [{"metric": "accuracy", "domain": "id", "value": value, "stderr": None, "n": 3}]
    store_report(report_of(leased, scores=scores))
    assert stored(leased).state is Status.SUCCEEDED
    assert not Score.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_scores_and_state_are_one_transaction(leased: Run) -> None:
    Score.objects.create(run=leased, attempt=1, metric="accuracy", domain="id", value=0.1)
    with pytest.raises(IntegrityError):
        store_report(report_of(leased))
    assert stored(leased).state is Status.PREPARING
    assert Score.objects.count() == 1
