"""What an author may do with an entry whatever became of its runs: edit its words, withdraw it, hide whose it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from farfield_web.accounts.models import User
from farfield_web.changed import changed
from farfield_web.entries.models import Change, Verb
from farfield_web.entries.withdrawn import withdrawals
from farfield_web.errors import SubmissionError
from farfield_web.runs.models import Run
from farfield_web.runs.status import OPEN
from farfield_web.submissions.entry import check_text
from farfield_web.submissions.models import Submission

TEXTS = ("title", "note")


def edit(submission: Submission, person: User, **texts: str) -> None:
    """Give it another `title` or `note`; what stood there is kept for its author and the operators.

    Nothing that does not change is noted. Raises SubmissionError for a text that cannot be kept, and for another's
    entry, as all verbs here do.
    """
    for name, text in texts.items():
        check_text(name, text)
    with _own(submission, person) as kept:
        values = {name: texts[name].strip() for name in TEXTS if name in texts}
        before = {name: getattr(kept, name) for name, value in values.items() if getattr(kept, name) != value}
        if before:
            _write(kept, submission, **{name: values[name] for name in before})
            _note(kept, person, Verb.EDIT, before=before)


def withdraw(submission: Submission, person: User, reason: str) -> None:
    """Take one's own entry off the boards; it stays readable, with the reason, which is public.

    Raises SubmissionError where it is withdrawn already, without a reason, and while runs of it are open.
    """
    _check_reason(reason)
    with _own(submission, person, compare=True) as kept:
        if withdrawals([kept]):
            raise SubmissionError("submission.no_change", "It is withdrawn already.")
        if Run.objects.filter(submission=kept, status__in=OPEN).exists():
            raise SubmissionError("submission.under_way", "Runs of it are not done.", hint="Cancel them first.")
        _note(kept, person, Verb.WITHDRAW, reason=reason.strip())


def take_back(submission: Submission, person: User) -> None:
    """Put a withdrawn entry back where it stood. Raises SubmissionError where it is not withdrawn."""
    with _own(submission, person, compare=True) as kept:
        if not withdrawals([kept]):
            raise SubmissionError("submission.no_change", "It is not withdrawn.")
        _note(kept, person, Verb.TAKE_BACK)


def hide_author(submission: Submission, person: User, *, hide: bool) -> None:
    """Tell nobody but its owner and the operators whose it is, or tell it again; nothing where it is so already."""
    with _own(submission, person) as kept:
        if (kept.anonymous_since is not None) == hide:
            return
        _write(kept, submission, anonymous_since=timezone.now() if hide else None)
        _note(kept, person, Verb.HIDE_AUTHOR if hide else Verb.SHOW_AUTHOR)


@contextmanager
def _own(submission: Submission, person: User, *, compare: bool = False) -> Iterator[Submission]:
    """The row of one's own entry, held; its board is told that it changed, and compared anew where that matters."""
    if submission.owner_id != person.pk:
        raise SubmissionError("submission.not_yours", "Only the person who submitted it may do that.")
    with transaction.atomic():
        yield Submission.objects.select_for_update(no_key=True).get(pk=submission.pk)
        changed(submission.benchmark, submission.tier, submission.pk, compare=compare)


def _write(kept: Submission, submission: Submission, **values: str | datetime | None) -> None:
    """In the row, and in what the caller holds."""
    Submission.objects.filter(pk=kept.pk).update(**values)
    for name, value in values.items():
        setattr(submission, name, value)


def _note(submission: Submission, person: User, verb: Verb, **more: Any) -> None:
    Change.objects.create(submission=submission, by=person, verb=verb.value, at=timezone.now(), **more)


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise SubmissionError("reason.missing", "Say why: everybody can read it.", "reason")
    check_text("reason", reason)
