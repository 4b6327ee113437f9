"""Cancel and retry."""

import pytest
from tests.unit.web.conftest import make_run, report_of

from farfield_web.accounts.models import User
from farfield_web.errors import SubmissionError
from farfield_web.runs import lease, verbs
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def code_of(verb: object, submission: Submission, person: User) -> str:
    with pytest.raises(SubmissionError) as caught:
        verb(submission, person)  # type: ignore[operator]
    return caught.value.code


def test_cancel_before_the_start_gives_quota_back(run: Run, person: User) -> None:
    verbs.cancel(run.submission, person)
    run.refresh_from_db()
    assert run.state is Status.CANCELLED
    submission = Submission.objects.get()
    assert (submission.quota_at, submission.quota_returned_because) == (None, "cancelled before it started")


def test_cancel_after_the_start_does_not(run: Run, person: User) -> None:
    lease.claim("w", "cpu")
    verbs.cancel(run.submission, person)
    assert Submission.objects.get().quota_at is not None


def test_cancel_leaves_ends_alone(entered: Submission, person: User) -> None:
    make_run(entered, 1, Status.SUCCEEDED)
    make_run(entered, 2, Status.RUNNING)
    verbs.cancel(entered, person)
    assert [run.status for run in entered.runs.all()] == ["cancelled", "succeeded", "cancelled"]
    assert Submission.objects.get().quota_at is not None


def test_nothing_to_cancel(run: Run, person: User) -> None:
    verbs.cancel(run.submission, person)
    assert code_of(verbs.cancel, run.submission, person) == "submission.finished"


def test_only_the_owner_may(run: Run, other: User) -> None:
    assert code_of(verbs.cancel, run.submission, other) == "submission.not_yours"
    assert code_of(verbs.retry, run.submission, other) == "submission.not_yours"
    assert not verbs.can_cancel(run.submission, other)


def test_retry_is_a_new_attempt_and_counts_again(run: Run, person: User) -> None:
    verbs.cancel(run.submission, person)
    assert verbs.can_retry(run.submission, person)
    verbs.retry(run.submission, person)
    run.refresh_from_db()
    assert (run.state, run.attempt, run.losses, run.token) == (Status.QUEUED, 2, 0, "")
    submission = Submission.objects.get()
    assert submission.quota_at is not None
    assert submission.quota_returned_because == ""


def test_a_retried_run_can_succeed_with_scores_of_its_attempt(run: Run, person: User) -> None:
    verbs.cancel(run.submission, person)
    verbs.retry(run.submission, person)
    taken = lease.claim("w", "cpu")
    assert taken is not None
    store_report(report_of(taken))
    assert {score.attempt for score in run.scores.all()} == {2}
    assert code_of(verbs.retry, run.submission, person) == "submission.nothing_to_retry"


def test_retry_forgets_the_failure(run: Run, person: User) -> None:
    taken = lease.claim("w", "cpu")
    assert taken is not None
    store_report(report_of(taken, outcome="failed", failure={"code": "plugin.protocol", "message": "bad shape"}))
    verbs.retry(run.submission, person)
    run.refresh_from_db()
    assert (run.failure_code, run.failure_message, run.finished_at) == ("", "", None)


def test_retry_needs_quota(run: Run, person: User, settings: object) -> None:
    verbs.cancel(run.submission, person)
    settings.QUOTA_SUBMISSIONS = 0  # type: ignore[attr-defined]
    assert code_of(verbs.retry, run.submission, person) == "quota.used_up"


def test_retry_ends_somewhere(run: Run, person: User) -> None:
    verbs.cancel(run.submission, person)
    Run.objects.update(attempt=verbs.MAX_ATTEMPTS)
    assert code_of(verbs.retry, run.submission, person) == "submission.too_many_attempts"
    assert not verbs.can_retry(run.submission, person)


def test_no_retry_on_a_benchmark_that_moved_on(run: Run, person: User) -> None:
    verbs.cancel(run.submission, person)
    Submission.objects.update(benchmark_version="0")
    assert code_of(verbs.retry, Submission.objects.get(), person) == "benchmark.withdrawn"


@pytest.mark.parametrize(
    ("kind", "code", "offered"),
    [
        ("plugin", "plugin.no_entry_point", False),
        ("plugin", "plugin.dependencies", True),
        ("plugin", "resources.time", True),
        ("plugin", "platform.disk", True),
        ("predictions", "predictions.shape", False),
        ("predictions", "records.unfinished", False),
        ("configuration", "plugin.bad_spec", True),
        ("configuration", "benchmark.withdrawn", False),
        ("configuration", "method.renamed", False),
    ],
)
def test_what_ends_the_same_way_again_is_not_offered_again(
    run: Run, person: User, kind: str, code: str, offered: bool
) -> None:
    Submission.objects.update(kind=kind)
    Run.objects.update(status=Status.FAILED, failure_code=code)
    submission, failed = Submission.objects.get(), Run.objects.select_related("submission__owner").get()
    assert verbs.can_retry(submission, person) is offered
    assert verbs.can_retry_run(failed, person) is offered
    if offered:
        verbs.retry(submission, person)
    else:
        assert code_of(verbs.retry, submission, person) == "submission.nothing_to_retry"


def test_of_several_runs_only_what_can_change_is_tried_again(entered: Submission, person: User) -> None:
    Submission.objects.update(kind="plugin")
    Run.objects.update(status=Status.FAILED, failure_code="plugin.link")
    other = make_run(entered, 1, Status.FAILED, failure_code="resources.time")
    verbs.retry(Submission.objects.get(), person)
    assert [run.status for run in entered.runs.all()] == ["failed", "queued"]
    assert Run.objects.get(pk=other.pk).attempt == 2


def test_on_a_benchmark_of_another_version_nothing_is_offered(run: Run, person: User) -> None:
    verbs.cancel(run.submission, person)
    Submission.objects.update(benchmark_version="0")
    assert not verbs.can_retry(Submission.objects.get(), person)
