"""How workers come to a run and keep it: claims, heartbeats, fencing tokens.

A lease is a promise of a worker to be heard of again. Each claim issues a new token; whoever holds an old one has
lost the run, whatever it believes.
"""

import secrets
import uuid
from collections import defaultdict
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from farfield_evaluators.wire import Usage
from farfield_web import storable
from farfield_web.errors import LeaseError
from farfield_web.operations.draining import drain_of
from farfield_web.runs import logs, workers
from farfield_web.runs.lines import Line, by_oldest, priorities, waiting
from farfield_web.runs.models import Run
from farfield_web.runs.offer import ANYTHING_INSTALLED, Offer
from farfield_web.runs.outcomes import requeue
from farfield_web.runs.queue import under_way
from farfield_web.runs.status import LEASED, Status, move
from farfield_web.runs.usage import usage_of

# Any constant will do, as long as nothing else in this database takes the same advisory lock.
_CLAIMS = 0x6661_7266
MOST_LINES = 20  # that are tried, where all runs of one are being cancelled


def claim(worker: str, resource: str, offer: Offer = ANYTHING_INSTALLED) -> Run | None:
    """Give the worker a run that its offer covers. queued -> preparing.

    The highest priority first; among equals, of the person with the fewest runs under way, the oldest. Whoever has
    settings.MAX_RUNNING_RUNS under way waits.

    A worker that an operator drained gets none.

    Claims wait for one another, so that each sees what the one before took: otherwise two at once would both think
    the same person is next. SKIP LOCKED leaves runs alone that are being cancelled right now.
    """
    with transaction.atomic():
        workers.seen(worker)
        if drain_of(worker) is not None:
            return None
        _one_claim_at_a_time()
        run = _next(resource, offer)
        if run is not None:
            _lease(run, worker)
        return run


def heartbeat(
    run_id: uuid.UUID, token: str, stage: Status, progress: Any, log: str, log_offset: int, usage: Usage | None = None
) -> int:
    """Extend the lease, move the run forward, keep the log and what was used so far; returns the log's length.

    preparing | running -> the worker's stage, if that is later. Raises LeaseError when the worker must stop.
    """
    with transaction.atomic():
        run = held_run(run_id, token)
        advance(run, stage)
        known = {"progress": progress or run.progress, "usage": usage_of(usage) or run.usage}
        Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() + settings.LEASE_TIME, **known)
        workers.seen(run.worker)
        return logs.append(run, log, log_offset)


def hand_back(run_id: uuid.UUID, token: str) -> None:
    """A worker that stops in order gives its run back.

    preparing | running | scoring -> queued, where it was in the queue, and without a loss. Raises LeaseError.
    """
    with transaction.atomic():
        run = held_run(run_id, token, "submission")
        requeue(run, f"worker {run.worker!r} was stopped in order", losses=run.losses, queued_at=run.queued_at)


def held_run(run_id: uuid.UUID, token: str, *related: str) -> Run:
    """The run, its row locked, read with what is `related`.

    Raises LeaseError `run.cancelled` or `lease.lost` when this token holds it no more.
    """
    locked = Run.objects.select_for_update(of=("self",)).filter(pk=run_id)
    run = (locked.select_related(*related) if related else locked).first()
    if run is not None and token and secrets.compare_digest(run.token.encode(), token.encode()):
        if run.state is Status.CANCELLED:
            raise LeaseError("run.cancelled", "The run was cancelled; stop it and drop its results.")
        if run.is_leased:
            return run
    raise LeaseError("lease.lost", "This run is no longer yours; stop it and drop its results.")


def advance(run: Run, stage: Status) -> None:
    """Move a leased run forward through every state up to `stage`; an earlier stage changes nothing."""
    for later in LEASED[LEASED.index(run.state) + 1 : LEASED.index(stage) + 1]:
        move(run, later)


def _one_claim_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLAIMS])


def _next(resource: str, offer: Offer) -> Run | None:
    """The run to give, its row locked."""
    busy = under_way()
    for priority in priorities():
        lines = Line.objects.filter(offer.covers(), resource=resource, pk__in=waiting(priority))
        by_turn: dict[int, list[int]] = defaultdict(list)
        for line, owner in lines.values_list("pk", "owner"):
            by_turn[busy[owner]].append(line)
        for turn in sorted(by_turn):
            if settings.MAX_RUNNING_RUNS and turn >= settings.MAX_RUNNING_RUNS:
                break
            for line in by_oldest(by_turn[turn], priority, MOST_LINES):
                run = _first(line, priority)
                if run is not None:
                    return run
    return None


def _first(line: int, priority: int) -> Run | None:
    """The oldest of a line; of those that are being cancelled right now none."""
    queued = Run.objects.filter(line=line, priority=priority, status=Status.QUEUED)
    free = queued.order_by("queued_at", "trial", "pk").select_for_update(skip_locked=True, of=("self",))
    return free.select_related("submission__method", "submission__upload__content").first()


def _lease(run: Run, worker: str) -> None:
    now = timezone.now()
    move(
        run,
        Status.PREPARING,
        token=uuid.uuid4().hex,
        worker=storable.text(worker)[:200],
        lease_until=now + settings.LEASE_TIME,
        started_at=now,
        finished_at=None,
        progress=None,
    )
