"""The states of a run, and the only function that changes one.

queued -> preparing -> running -> scoring -> succeeded
queued | preparing | running | scoring -> failed | cancelled
preparing | running | scoring -> queued     the worker was lost, stopped, failed by no fault of the method, lacks a GPU
failed | cancelled -> queued                a person asked for a retry
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from farfield_web.changed import changed

if TYPE_CHECKING:
    from farfield_web.runs.models import Run


class Status(StrEnum):
    """Where a run is."""

    QUEUED = "queued"
    PREPARING = "preparing"
    RUNNING = "running"
    SCORING = "scoring"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


_ENDS = {Status.FAILED, Status.CANCELLED}
TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.PREPARING, *_ENDS}),
    Status.PREPARING: frozenset({Status.RUNNING, Status.QUEUED, *_ENDS}),
    Status.RUNNING: frozenset({Status.SCORING, Status.QUEUED, *_ENDS}),
    Status.SCORING: frozenset({Status.SUCCEEDED, Status.QUEUED, *_ENDS}),
    Status.SUCCEEDED: frozenset(),
    Status.FAILED: frozenset({Status.QUEUED}),
    Status.CANCELLED: frozenset({Status.QUEUED}),
}
# In the order of a run's life; all of them are held by a worker under a lease.
LEASED = (Status.PREPARING, Status.RUNNING, Status.SCORING)
TERMINAL = frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELLED})
OPEN = frozenset(Status) - TERMINAL


class IllegalTransition(Exception):
    """A run was not in the state, attempt or lease that the caller believed it in, or may not move there."""

    def __init__(self, run: "Run", to: Status) -> None:
        super().__init__(f"run {run.pk} may not move from {run.status} (attempt {run.attempt}) to {to.value}")


def move(run: "Run", to: Status, message: str = "", **fields: Any) -> None:
    """Move a run, and note it among its events, in one transaction.

    One conditional UPDATE: it matches only while state, attempt and fencing token are as in `run`. Raises
    IllegalTransition when they are not, or when the table above has no such move.
    """
    from farfield_web.runs.ended import look_on_commit  # which asks this module what an end is

    source, was_attempt = Status(run.status), run.attempt
    if to not in TRANSITIONS[source]:
        raise IllegalTransition(run, to)
    values = {**fields, "status": to.value, "status_at": timezone.now()}
    with transaction.atomic(savepoint=False):  # where no row matches, nothing was written that a savepoint would undo
        same = type(run).objects.filter(pk=run.pk, status=source.value, attempt=was_attempt, token=run.token)
        moved = same.update(**values)
        if moved:
            for name, value in values.items():
                setattr(run, name, value)
            run.events.create(
                at=values["status_at"],
                kind="moved",
                attempt=run.attempt,
                source=source.value,
                target=to.value,
                message=message,
            )
            _tell_board(run, source, to)
            if to in TERMINAL:
                look_on_commit(run)
    if not moved:
        raise IllegalTransition(run, to)


def _tell_board(run: "Run", source: Status, to: Status) -> None:
    """A board says of an entry under way which of its runs are missing, and why; one without a figure it has not.

    Of a run that a worker has, it only says that it is under way.
    """
    if to is Status.SUCCEEDED or {source, to} <= {*LEASED}:
        return
    submission = run.submission
    if submission.figures.exists():
        changed(submission.benchmark, submission.tier, submission.pk, compare=False, lines=False)


def overall(statuses: Iterable[str]) -> Status:
    """The status of a submission whose runs have these: the most advanced open one, else the worst end."""
    found = {Status(status) for status in statuses}
    for status in (Status.SCORING, Status.RUNNING, Status.PREPARING):
        if status in found:
            return status
    if Status.QUEUED in found or not found:
        return Status.RUNNING if found & {Status.SUCCEEDED} else Status.QUEUED
    return next(s for s in (Status.FAILED, Status.CANCELLED, Status.SUCCEEDED) if s in found)
