"""The reaper looks at every open state."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.unit.web.conftest import make_run, report_of

from farfield_web.runs import lease, reaper
from farfield_web.runs.lines import Line
from farfield_web.runs.models import Run
from farfield_web.runs.status import LEASED, OPEN, Status
from farfield_web.runs.tasks import reap
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]
PAST = timedelta(minutes=10)


def stored(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def expire() -> None:
    Run.objects.update(lease_until=timezone.now() - PAST)


def test_every_open_state_is_covered() -> None:
    assert {status for found in reaper.COVERED.values() for status in found} == OPEN


@pytest.mark.parametrize("status", LEASED)
def test_a_lost_worker_means_a_new_attempt(
    entered: Submission, status: Status, django_capture_on_commit_callbacks: object, wakes: list[str]
) -> None:
    run = make_run(entered, 7, status, lease_until=timezone.now() - PAST, worker="gone")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        reap()
    now = stored(run)
    assert (now.state, now.attempt, now.losses, now.token) == (Status.QUEUED, 2, 1, "")
    assert "'gone'" in run.events.get().message
    assert wakes == ["cpu"]


def test_a_live_lease_is_left_alone(run: Run) -> None:
    lease.claim("w", "cpu")
    assert reaper.reap() == {"lost": 0, "withdrawn": 0, "renamed": 0, "woken": 0}


def test_three_lost_workers_are_the_end_and_quota_returns(run: Run) -> None:
    for _ in range(3):
        lease.claim("w", "cpu")
        expire()
        reap()
    now = stored(run)
    assert (now.state, now.failure_code, now.attempt) == (Status.FAILED, "platform.lost_worker", 3)
    assert Submission.objects.get().quota_at is None


def test_the_worker_that_was_thought_lost_comes_too_late(run: Run) -> None:
    first = lease.claim("w", "cpu")
    assert first is not None
    expire()
    reap()
    second = lease.claim("w2", "cpu")
    assert second is not None
    from farfield_web.runs.reports import store

    assert not store(report_of(first))
    assert store(report_of(second))
    assert stored(run).scores.count() == 2


def test_a_waiting_run_is_woken_at_most_every_half_minute(
    run: Run, django_capture_on_commit_callbacks: object, wakes: list[str]
) -> None:
    def pass_once() -> list[str]:
        wakes.clear()
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            reap()
        return list(wakes)

    assert pass_once() == []
    Line.objects.update(woken_at=timezone.now() - timedelta(seconds=31))
    assert pass_once() == ["cpu"]
    assert pass_once() == []
    assert stored(run).state is Status.QUEUED


@pytest.mark.parametrize("changes", [{"benchmark": "gone/mini"}, {"benchmark_version": "0"}])
def test_a_queued_run_of_a_withdrawn_benchmark_fails(run: Run, changes: dict[str, str]) -> None:
    Submission.objects.update(**changes)
    Line.objects.update(**changes)
    reap()
    now = stored(run)
    assert (now.state, now.failure_code) == (Status.FAILED, "benchmark.withdrawn")
    assert Submission.objects.get().quota_at is None


def test_a_second_pass_finds_nothing(run: Run) -> None:
    lease.claim("w", "cpu")
    expire()
    reap()
    assert reaper.reap() == {"lost": 0, "withdrawn": 0, "renamed": 0, "woken": 0}
