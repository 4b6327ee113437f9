"""Who the workers are, and when each was last heard of. An idle one is called, so that silence means absence."""

import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from farfield.packaging.resolution.base import Base, BaseError
from farfield_web import storable
from farfield_web.operations.draining import kept
from farfield_web.runs.wake import wake_on_commit
from farfield_web.submissions.models import Worker

__all__ = ["announced", "call_idle", "kept", "seen", "wake_workers_of"]
log = logging.getLogger(__name__)
# A heartbeat comes every few seconds; writing each would turn them all into writes of one row.
SEEN_IS_NOTED_EVERY = timedelta(seconds=20)
STORABLE = ("methods", "accepts", "sandbox", "benchmarks", "suites")
FORGOTTEN_AFTER = timedelta(days=30)


def seen(name: str) -> None:
    """A known worker was heard of; one that never announced itself stays unknown."""
    now = timezone.now()
    Worker.objects.filter(name=kept(name), seen_at__lt=now - SEEN_IS_NOTED_EVERY).update(seen_at=now)


def announced(
    name: str,
    resource: str,
    methods: Iterable[str],
    accepts: Iterable[str],
    sandbox: Mapping[str, Any],
    base: Mapping[str, Any] | None = None,
    *,
    benchmarks: Iterable[str] = (),
    suites: Iterable[Mapping[str, Any]] = (),
) -> None:
    """Keep what a worker says of itself; those not heard of for weeks are forgotten."""
    now = timezone.now()
    Worker.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()
    values: dict[str, Any] = {"methods": sorted(set(methods)), "accepts": sorted(set(accepts)), "sandbox": sandbox}
    values |= {"benchmarks": sorted(set(benchmarks)), "suites": list(suites)}
    values["base"] = None if base is None else _readable(name, base)
    values |= {"resource": resource, "announced_at": now, "seen_at": now}
    Worker.objects.update_or_create(name=kept(name), defaults=storable_values(values))


def _readable(worker: str, base: Mapping[str, Any]) -> dict[str, Any] | None:
    """The worker's base as it is published; a worker of another release may say it in a way that is not known here."""
    try:
        return {**Base.read(base).published(), "fingerprint": str(base.get("fingerprint", ""))[:64]}
    except BaseError as error:
        log.warning("worker %s: %s", worker, error)
        return None


def wake_workers_of(name: str) -> None:
    """Wake the resource of this worker, so that it claims at once."""
    for resource in Worker.objects.filter(name=kept(name)).values_list("resource", flat=True):
        wake_on_commit(resource)


def storable_values(values: dict[str, Any]) -> dict[str, Any]:
    """With the JSON among them made storable."""
    return {**values, **{name: storable.json(values[name]) for name in STORABLE}}


def call_idle() -> int:
    """Wake the workers that have not been heard of for a while: each then asks for work, and so is heard of.

    How many were called. Safe to run twice: one that was called is not called again at once, and one that never
    answers is given up with the time after which it counts as gone.
    """
    now, half = timezone.now(), settings.WORKER_SEEN_WITHIN / 2
    quiet = Worker.objects.filter(seen_at__lt=now - half, seen_at__gt=now - 2 * settings.WORKER_SEEN_WITHIN)
    idle = quiet.filter(Q(called_at=None) | Q(called_at__lt=now - half / 4))
    called = 0
    for worker in idle:
        same = Worker.objects.filter(pk=worker.pk, called_at=worker.called_at)
        if same.update(called_at=now):
            wake_on_commit(worker.resource)
            called += 1
    return called
