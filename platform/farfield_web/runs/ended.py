"""Telling the author of an entry when all of its runs are at their end."""

from collections import Counter
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from farfield_web.people import told
from farfield_web.people.models import EntryTold
from farfield_web.people.notices import FAILED, FINISHED, wants
from farfield_web.runs.status import OPEN, Status

if TYPE_CHECKING:
    from farfield_web.runs.models import Run


def look_on_commit(run: "Run") -> None:
    """Once the end of this run is in the database: of two that end at once, the later one sees both."""
    transaction.on_commit(lambda: look(run))


def look(run: "Run") -> bool:
    """Tell, if that was the last of the entry's runs, and who asked for it has not been told; whether they were."""
    submission = run.submission
    if run.state is Status.CANCELLED or not wants(submission.owner, FINISHED, FAILED):
        return False
    ends = dict(type(run).objects.filter(submission=submission).values_list("pk", "status"))
    counts = Counter(ends.values())
    if any(counts[status] for status in OPEN):
        return False
    with transaction.atomic():
        if not _first_to_say(run):
            return False
        told.ended(submission, failed=counts[Status.FAILED], runs=len(ends))
    return True


def _first_to_say(run: "Run") -> bool:
    EntryTold.objects.get_or_create(submission_id=run.submission_id)
    news = Q(ended_at=None) | Q(ended_at__lt=run.status_at)
    return bool(EntryTold.objects.filter(news, submission=run.submission_id).update(ended_at=run.status_at))
