"""What a person may do to their submission once it is under way: cancel and retry."""

from collections import Counter

from django.db import transaction
from django.utils import timezone

from farfield_web.accounts.models import User
from farfield_web.errors import SubmissionError
from farfield_web.operations import intake
from farfield_web.runs import failures
from farfield_web.runs.models import Run
from farfield_web.runs.outcomes import requeue
from farfield_web.runs.status import OPEN, Status, move
from farfield_web.runs.wake import wake_on_commit
from farfield_web.submissions.limits import check_open_runs, check_quota
from farfield_web.submissions.models import Submission
from farfield_web.submissions.quota import give_back, lock_person, spend_again

MAX_ATTEMPTS = 30
ENDED = (Status.FAILED, Status.CANCELLED)


def cancel(submission: Submission, person: User) -> None:
    """Stop all that is not finished. queued | preparing | running | scoring -> cancelled.

    The quota is given back when nothing had been started. Raises SubmissionError for a submission of another
    person, or one with nothing left to cancel.
    """
    _require_owner(submission, person)
    with transaction.atomic():
        runs = locked(submission)
        open_runs = [run for run in runs if run.is_open]
        if not open_runs:
            raise SubmissionError("submission.finished", "Nothing is left to cancel: every run has ended.")
        untouched = all(run.state is Status.QUEUED for run in runs)
        for run in open_runs:
            move(run, Status.CANCELLED, "cancelled by its owner", finished_at=timezone.now(), lease_until=None)
        if untouched:
            give_back(submission, "cancelled before it started")


def retry(submission: Submission, person: User) -> None:
    """Run again what failed or was cancelled. failed | cancelled -> queued, as a new attempt of the same run.

    It counts against the quota like a new submission. Raises SubmissionError when there is nothing to retry, or no
    quota left.
    """
    _require_owner(submission, person)
    with transaction.atomic():
        lock_person(person)
        _retry(submission, person, [run for run in locked(submission) if run.state in ENDED])


def retry_run(run: Run, person: User) -> None:
    """Run this one again, whatever became of the others. failed | cancelled -> queued, as a new attempt.

    The submission counts against the quota from now on, once as ever. Raises SubmissionError as `retry` does.
    """
    submission = run.submission
    _require_owner(submission, person)
    with transaction.atomic():
        lock_person(person)
        _retry(submission, person, [one for one in locked(submission, run) if one.state in ENDED])


def can_retry_run(run: Run, person: object) -> bool:
    """Whether to offer it; the quota is only looked at when it is done."""
    again = run.state in ENDED and run.attempt < MAX_ATTEMPTS and not _ends_the_same(run)
    return again and run.submission.owner == person and is_current(run.submission)


def can_cancel(submission: Submission, person: object) -> bool:
    """Whether to offer it."""
    return submission.owner == person and submission.runs.filter(status__in=OPEN).exists()


def can_retry(submission: Submission, person: object) -> bool:
    """Whether to offer it; the quota is only looked at when it is done."""
    if submission.owner != person or not is_current(submission):
        return False
    ended = submission.runs.filter(status__in=ENDED, attempt__lt=MAX_ATTEMPTS)
    return ended.exclude(failure_code__in=failures.unchangeable(submission.kind)).exists()


def _ends_the_same(run: Run) -> bool:
    return run.failure_code in failures.unchangeable(run.submission.kind)


def is_current(submission: Submission) -> bool:
    """Whether its benchmark is here in the version that it was entered in."""
    benchmark = submission.known_benchmark
    return benchmark is not None and benchmark.version == submission.benchmark_version


def _retry(submission: Submission, person: User, ended: list[Run]) -> None:
    intake.require_open()
    _check_retry(submission, ended)
    ended = [run for run in ended if not _ends_the_same(run)]
    check_quota(person, submission.benchmark, without=submission)
    check_open_runs(person, _further(submission))
    spend_again(submission)
    for run in sorted(ended, key=lambda one: one.trial):  # in the order in which they are to be claimed
        requeue(run, "retried by its owner", losses=0, wake=False)
    for resource, count in Counter(run.resource for run in ended).items():
        wake_on_commit(resource, count)


def _further(submission: Submission) -> int:
    """By how much the number of open entries grows."""
    return 0 if submission.runs.filter(status__in=OPEN).exists() else 1


def _check_retry(submission: Submission, ended: list[Run]) -> None:
    if not ended:
        raise SubmissionError("submission.nothing_to_retry", "Only a run that failed or was cancelled can be retried.")
    if all(_ends_the_same(run) for run in ended):
        text = "What it failed with is in what was sent, and would end it the same way again."
        raise SubmissionError("submission.nothing_to_retry", text, hint="Correct it, and submit that anew.")
    if any(run.attempt >= MAX_ATTEMPTS for run in ended):
        raise SubmissionError("submission.too_many_attempts", f"It had {MAX_ATTEMPTS} attempts; submit it anew.")
    if not is_current(submission):
        raise SubmissionError("benchmark.withdrawn", "The benchmark has a new version; submit to that one.")


def _require_owner(submission: Submission, person: User) -> None:
    if submission.owner_id != person.pk:
        raise SubmissionError("submission.not_yours", "Only the person who submitted it may do that.")


def locked(submission: Submission, only: Run | None = None) -> list[Run]:
    """In the order of their keys, so that two people at work on the same rows cannot block each other."""
    runs = submission.runs.filter(pk=only.pk) if only else submission.runs.all()
    return list(runs.select_for_update(of=("self",)).select_related("submission").order_by("pk"))
