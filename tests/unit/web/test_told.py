"""What people are told of: once, when it has happened, and not of what they did themselves."""

import json
from typing import Any

import pytest
from tests.unit.web.conftest import BOARD, make_run, report_of, wanted

from farfield_web.accounts.models import User
from farfield_web.leaderboards import overtaken
from farfield_web.people.models import Delivery, Webhook
from farfield_web.people.notices import CORRECTED, FAILED, FINISHED, KINDS, OVERTAKEN
from farfield_web.runs import ended, lease
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status, move
from farfield_web.runs.submit import submit
from farfield_web.runs.tasks import store_report
from farfield_web.submissions import rulings
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def hook(person: User) -> Webhook:
    """Who is told of everything."""
    return Webhook.objects.create(owner=person, url="https://hook.example.org/", kinds=list(KINDS))


def told() -> list[str]:
    return [json.loads(delivery.body)["event"] for delivery in Delivery.objects.order_by("due_at")]


def test_an_entry_is_told_of_when_its_last_run_has_ended(run: Run, entered: Submission) -> None:
    second = make_run(entered, 1, Status.RUNNING)
    Run.objects.filter(pk=run.pk).update(status=Status.FAILED.value)
    run.refresh_from_db()
    assert not ended.look(run)
    Run.objects.filter(pk=second.pk).update(status=Status.SUCCEEDED.value)
    second.refresh_from_db()
    assert ended.look(second)
    assert not ended.look(second), "once"
    assert told() == [FAILED]


def test_the_end_of_a_run_is_looked_at_once_it_is_stored(run: Run, django_capture_on_commit_callbacks: Any) -> None:
    Run.objects.filter(pk=run.pk).update(status=Status.SCORING.value)
    run.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        move(run, Status.SUCCEEDED)
    assert told() == [FINISHED]


def test_what_somebody_cancelled_themselves_is_no_news(run: Run, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        move(run, Status.CANCELLED, "cancelled by its owner")
    assert told() == []


def test_nobody_is_told_who_did_not_ask(announced: None, other: User) -> None:
    run = submit(other, wanted()).runs.get()
    Run.objects.filter(pk=run.pk).update(status=Status.FAILED.value)
    run.refresh_from_db()
    assert not ended.look(run)
    assert told() == []


def finished(submission: Submission, accuracy: float) -> None:
    """Ranked with this accuracy."""
    taken = lease.claim("w", "cpu")
    assert taken is not None
    assert taken.submission_id == submission.pk
    scores = [{"metric": "accuracy", "domain": d, "value": accuracy, "stderr": 0.01, "n": 20} for d in ("shifts", "id")]
    store_report(report_of(taken, scores=scores))


def test_an_overtaken_entry_is_told_once_and_not_of_ones_own(entered: Submission, person: User, other: User) -> None:
    finished(entered, 0.5)
    Delivery.objects.all().delete()
    assert overtaken.look(BOARD, "") == 0, "nothing is known yet"
    finished(submit(person, wanted(config={"bias": 0.25})), 0.6)
    Delivery.objects.all().delete()
    assert overtaken.look_at_all() == 0, "by an entry of their own"
    finished(submit(other, wanted(config={"bias": 0.75})), 0.55)
    assert overtaken.look(BOARD, "") == 1
    assert overtaken.look(BOARD, "") == 0
    assert told() == [OVERTAKEN]
    assert "its rank is 3 now" in Delivery.objects.get().body
    assert "grace" not in Delivery.objects.get().body


def test_who_did_not_ask_is_not_looked_at(entered: Submission, hook: Webhook, django_assert_num_queries: Any) -> None:
    hook.delete()
    with django_assert_num_queries(2):
        assert overtaken.look(BOARD, "") == 0


def test_a_correction_is_told(entered: Submission) -> None:
    rulings.invalidate(entered, "test images in training", "operator")
    assert told() == [CORRECTED]
    assert "test images in training" in Delivery.objects.get().body
