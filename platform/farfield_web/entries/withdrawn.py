"""Which entries their authors withdrew: they have no rank, and stay readable."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from farfield_web.entries.models import Change, Verb
from farfield_web.submissions.models import Submission

_VERBS = (Verb.WITHDRAW, Verb.TAKE_BACK)


def withdrawn(submissions: Iterable[Submission]) -> dict[Any, datetime]:
    """Of these submissions those that are withdrawn now, by their keys, with the time since when."""
    return {key: change.at for key, change in withdrawals(submissions).items()}


def withdrawals(submissions: Iterable[Submission]) -> dict[Any, Change]:
    """The same with who did it, and the reason; in one query."""
    keys = [submission.pk for submission in submissions]
    deeds = Change.objects.filter(submission__in=keys, verb__in=_VERBS)
    latest = deeds.order_by("submission_id", "-pk").distinct("submission_id")
    return {change.submission_id: change for change in latest if change.verb == Verb.WITHDRAW}


def withdrawal_of(submission: Submission) -> Change | None:
    """How it was withdrawn, of the changes as they were read with it; None while it stands."""
    deeds = [change for change in submission.changes.all() if change.verb in _VERBS]
    last = max(deeds, key=lambda change: change.pk, default=None)
    return last if last is not None and last.verb == Verb.WITHDRAW else None


def why_withdrawn(change: Change) -> str:
    """Why it has no rank: in place of one.

    >>> from datetime import datetime
    >>> why_withdrawn(Change(at=datetime(2026, 5, 4), reason="A wrong checkpoint."))
    'withdrawn by its author on 2026-05-04: A wrong checkpoint.'
    """
    because = f": {change.reason}" if change.reason else ""
    return f"withdrawn by its author on {change.at:%Y-%m-%d}{because}"
