"""Entries that cannot succeed are not run to their end: a method would fail hundreds of times in the same way."""

from collections.abc import Iterable

from django.utils import timezone

from farfield_web.runs.failures import is_methods
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status, move
from farfield_web.submissions.models import Submission

ENOUGH = 3
REASON = "three runs failed by the method's fault and none succeeded, so the rest was cancelled"


def give_up(submission: Submission) -> int:
    """Cancel what is queued of an entry when 3 of its runs failed by the method's fault and none succeeded.

    queued -> cancelled. Returns how many. To be called in the transaction in which a run failed. The submission's row
    is locked, so that of two failures at once the later one sees both. Runs that a worker is just taking are left to
    it: when they fail too, what is left is looked at again.
    """
    Submission.objects.select_for_update(no_key=True).get(pk=submission.pk)
    runs = Run.objects.filter(submission=submission.pk)
    if not _is_hopeless(runs.values_list("status", "failure_code")):
        return 0
    queued = runs.filter(status=Status.QUEUED).select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    rest = list(queued)
    for run in rest:
        move(run, Status.CANCELLED, REASON, finished_at=timezone.now(), lease_until=None)
    return len(rest)


def _is_hopeless(ends: Iterable[tuple[str, str]]) -> bool:
    """Of (status, failure code) of each run."""
    known = list(ends)
    failed = sum(status == Status.FAILED and is_methods(code) for status, code in known)
    return failed >= ENOUGH and all(status != Status.SUCCEEDED for status, _ in known)
