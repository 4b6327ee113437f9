"""The operator's word about an entry: taken off the boards with a reason, put back, or noted; nothing is erased."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from farfield_web.changed import changed
from farfield_web.errors import SubmissionError
from farfield_web.people import told
from farfield_web.submissions.models import Ruling, Submission

INVALIDATE, RESTORE, NOTE = "invalidate", "restore", "note"


def invalidate(submission: Submission, reason: str, role: str) -> Ruling:
    """Take an entry off the boards. Raises SubmissionError without a reason, or when it is off already."""
    return _rule(submission, INVALIDATE, reason, role)


def restore(submission: Submission, reason: str, role: str) -> Ruling:
    """Put it back. Raises SubmissionError without a reason, or when it is not off."""
    return _rule(submission, RESTORE, reason, role)


def note(submission: Submission, reason: str, role: str) -> Ruling:
    """Say something of it for everybody; its rank stays. Raises SubmissionError without a text."""
    return _rule(submission, NOTE, reason, role)


def taken_off(submissions: Iterable[Submission]) -> dict[Any, Ruling]:
    """Of these submissions those that are off the boards, by their keys, with the ruling that says why."""
    keys = [submission.pk for submission in submissions]
    ranking = Ruling.objects.exclude(verb=NOTE)
    latest = ranking.filter(submission__in=keys).order_by("submission_id", "-pk").distinct("submission_id")
    return {ruling.submission_id: ruling for ruling in latest if ruling.verb == INVALIDATE}


def _rule(submission: Submission, verb: str, reason: str, role: str) -> Ruling:
    if not reason.strip():
        raise SubmissionError("ruling.no_reason", "Say why: everybody can read it.", "reason")
    with transaction.atomic():
        Submission.objects.select_for_update(no_key=True).get(pk=submission.pk)
        if verb != NOTE and (submission.pk in taken_off([submission])) == (verb == INVALIDATE):
            now = "off the boards already" if verb == INVALIDATE else "not off the boards"
            raise SubmissionError("ruling.no_change", f"The submission is {now}.")
        changed(submission.benchmark, submission.tier, submission.pk)
        told.corrected(submission, verb, reason.strip())
        return Ruling.objects.create(
            submission=submission, verb=verb, reason=reason.strip(), role=role.strip(), at=timezone.now()
        )
