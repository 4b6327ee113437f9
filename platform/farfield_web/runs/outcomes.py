"""How a run ends or goes back to the queue; reports and the reaper share it. Callers hold the run's row lock."""

import logging
from typing import Any

from django.conf import settings
from django.utils import timezone

from farfield.packaging.plain import visible
from farfield_web import storable
from farfield_web.runs import failures
from farfield_web.runs.models import Run
from farfield_web.runs.status import LEASED, Status, move
from farfield_web.runs.wake import wake_on_commit
from farfield_web.submissions.quota import give_back

log = logging.getLogger(__name__)
MOST_CHARACTERS = 20_000


def lose_attempt(run: Run, code: str, message: str) -> None:
    """An attempt was lost by no fault of the method.

    preparing | running | scoring -> queued as a new attempt, or failed with the quota given back when it was the
    last one allowed. A defect that this run met before, exactly so, is no mishap of a worker: it fails, and counts.
    """
    if code in failures.DEFECTS and _came_before(run, message):
        fail(run, code, failures.REPEATED + message, losses=run.losses + 1)
        return
    if run.losses + 1 >= settings.ATTEMPTS_PER_TRY:
        fail(run, code, message, losses=run.losses + 1)
        give_back(run.submission, "the platform failed")
        return
    requeue(run, message, losses=run.losses + 1)


def _came_before(run: Run, message: str) -> bool:
    """In any attempt, whoever asked for it."""
    told = [visible(text, MOST_CHARACTERS, lines=True) for text in (message, failures.REPEATED + message)]
    ends = [Status.QUEUED.value, Status.FAILED.value]
    return run.events.filter(kind="moved", source__in=LEASED, target__in=ends, message__in=told).exists()


def requeue(run: Run, message: str, *, losses: int, wake: bool = True, **fields: Any) -> None:
    """preparing | running | scoring | failed | cancelled -> queued, as a new attempt that no old token fits.

    Without `wake` the caller wakes the workers.
    """
    now = timezone.now()
    fresh: dict[str, Any] = {"token": "", "worker": "", "lease_until": None, "progress": None, "finished_at": None}
    fresh |= {"failure_code": "", "failure_message": "", "queued_at": now, "started_at": None}
    fresh |= {"curve": [], "memory": {}, "usage": {}, "cached": {}, **fields}
    move(
        run,
        Status.QUEUED,
        visible(message, MOST_CHARACTERS, lines=True),
        attempt=run.attempt + 1,
        losses=losses,
        **fresh,
    )
    if wake:
        wake_on_commit(run.resource)


def fail(run: Run, code: str, message: str, **fields: Any) -> None:
    """queued | preparing | running | scoring -> failed, with a code and a message for the author."""
    shown = visible(message, MOST_CHARACTERS, lines=True)
    fields |= {"failure_code": storable.text(code)[:100], "failure_message": shown}
    if failures.is_ours(code):
        log.error("run %s failed with %s: %s %s", run.pk, code, message, failures.for_operator(code))
    move(run, Status.FAILED, fields["failure_message"], finished_at=timezone.now(), lease_until=None, **fields)
