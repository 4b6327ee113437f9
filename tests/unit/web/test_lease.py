"""Claims, heartbeats and fencing tokens."""

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from tests.unit.web.conftest import BOARD, board_data, described, wanted

from farfield_web.accounts.models import User
from farfield_web.errors import LeaseError
from farfield_web.runs import lease, verbs
from farfield_web.runs.announce import announce
from farfield_web.runs.models import Run
from farfield_web.runs.queue import queue
from farfield_web.runs.status import LEASED, Status
from farfield_web.runs.submit import submit

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def beat(run: Run, token: str = "", stage: Status = Status.RUNNING, log: str = "", offset: int = 0) -> int:
    return lease.heartbeat(run.pk, token or run.token, stage, None, log, offset)


def claimed() -> Run:
    run = lease.claim("w", "cpu")
    assert run is not None
    return run


def stored(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def test_a_claim_leases_the_run(run: Run, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(14):
        taken = claimed()
    assert taken.pk == run.pk
    now = stored(run)
    assert (now.state, now.worker, now.token) == (Status.PREPARING, "w", taken.token)
    assert now.lease_until is not None
    assert now.lease_until > timezone.now()
    assert len(now.token) == 32


def test_nothing_to_claim(run: Run) -> None:
    assert lease.claim("w", "gpu") is None
    claimed()
    assert lease.claim("w", "cpu") is None


def test_a_run_that_is_handed_back_waits_where_it_was_and_lost_nothing(run: Run, other: User, as_worker: Any) -> None:
    """A planned stop read as a lost worker: 30 s, and one of three attempts."""
    submit(other, wanted(title="later"))
    taken = claimed()
    beat(taken)
    assert as_worker(f"runs/{taken.pk}/hand-back", {"token": taken.token}).status_code == 204
    now = stored(run)
    assert (now.state, now.losses, now.attempt, now.queued_at) == (Status.QUEUED, 0, 2, run.queued_at)
    assert "stopped in order" in now.events.last().message  # type: ignore[union-attr]
    assert claimed().pk == run.pk
    assert as_worker(f"runs/{taken.pk}/hand-back", {"token": taken.token}).status_code == 409


def test_claims_are_fair_between_people(announced: None, person: User, other: User) -> None:
    for number in range(3):
        submit(person, wanted(title=str(number)))
    submit(other, wanted(title="late"))
    foretold = queue("cpu")
    taken = [claimed() for _ in range(4)]
    assert [run.submission.title for run in taken] == ["0", "late", "1", "2"]
    assert foretold == [run.pk for run in taken]


def test_who_has_fewer_runs_under_way_comes_first(announced: None, person: User, other: User) -> None:
    submit(person, wanted(title="first"))
    claimed()
    submit(person, wanted(title="second"))
    submit(other, wanted(title="third"))
    assert claimed().submission.title == "third"


def test_a_heartbeat_extends_the_lease_and_moves_forward(run: Run, django_assert_max_num_queries: Any) -> None:
    taken = claimed()
    Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    with django_assert_max_num_queries(6 + 2 * 2):  # two for each state
        beat(taken, stage=Status.SCORING)
    with django_assert_max_num_queries(6):
        beat(taken, stage=Status.SCORING)
    now = stored(run)
    assert now.state is Status.SCORING
    assert now.lease_until is not None
    assert now.lease_until > timezone.now()
    assert [e.target for e in run.events.all()] == ["queued", "preparing", "running", "scoring"]


def test_a_late_heartbeat_of_an_earlier_stage_does_not_move_back(run: Run) -> None:
    taken = claimed()
    beat(taken, stage=Status.SCORING)
    beat(taken, stage=Status.PREPARING)
    assert stored(run).state is Status.SCORING


def test_progress_is_kept(run: Run) -> None:
    taken = claimed()
    lease.heartbeat(taken.pk, taken.token, Status.RUNNING, {"phase": "predict", "done": 1, "total": 2}, "", 0)
    beat(taken)
    assert stored(run).progress == {"phase": "predict", "done": 1, "total": 2}


@pytest.mark.parametrize("token", ["wrong", "ünïcode", "0" * 32])
def test_a_wrong_token_has_lost_the_lease(run: Run, token: str) -> None:
    taken = claimed()
    with pytest.raises(LeaseError) as caught:
        beat(taken, token)
    assert caught.value.code == "lease.lost"


def test_an_unclaimed_run_has_no_lease(run: Run) -> None:
    for token in ("", "x"):
        with pytest.raises(LeaseError):
            lease.heartbeat(run.pk, token, Status.RUNNING, None, "", 0)


def test_an_unknown_run_has_no_lease(db: None) -> None:
    with pytest.raises(LeaseError):
        lease.heartbeat(uuid.uuid4(), "x", Status.RUNNING, None, "", 0)


def test_a_cancelled_run_tells_its_worker(run: Run, person: User) -> None:
    taken = claimed()
    verbs.cancel(run.submission, person)
    with pytest.raises(LeaseError) as caught:
        beat(taken)
    assert caught.value.code == "run.cancelled"
    verbs.retry(run.submission, person)
    with pytest.raises(LeaseError) as caught:
        beat(taken)
    assert caught.value.code == "lease.lost"


@pytest.mark.django_db(transaction=True)
def test_claims_at_the_same_time_take_different_runs_and_stay_fair(person: User, other: User) -> None:
    announce("worker-1", [described()], {BOARD: board_data()})
    for _ in range(4):
        submit(person, wanted())
    for _ in range(4):
        submit(other, wanted())
    taken: list[Run] = []
    ready = threading.Barrier(4)

    def work() -> None:
        ready.wait()
        taken.extend(run for run in [lease.claim("w", "cpu")] if run)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({run.pk for run in taken}) == 4
    assert sorted(run.submission.owner_id for run in taken) == sorted([person.pk, person.pk, other.pk, other.pk])
    assert Run.objects.filter(status__in=LEASED).count() == 4
