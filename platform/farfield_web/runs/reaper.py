"""Nothing stays stuck: every state that is not an end is looked at, every few seconds."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from farfield.errors import UnknownName
from farfield_evaluators.catalog import find
from farfield_web.runs import failures
from farfield_web.runs.lines import Line, in_queue
from farfield_web.runs.models import Run
from farfield_web.runs.outcomes import fail, lose_attempt
from farfield_web.runs.status import LEASED, Status
from farfield_web.runs.wake import MOST_WAKES, wake_on_commit
from farfield_web.submissions.kinds import Kind, Origin
from farfield_web.submissions.offered import offered_methods, renamed
from farfield_web.submissions.quota import give_back

AT_ONCE = 200


def reap() -> dict[str, int]:
    """Look at every open run once; how many were handled, by what was done. Safe to run twice, or at the same time.

    preparing | running | scoring with an expired lease -> queued, or failed past the attempt limit.
    queued for a benchmark that is gone, or under a method's former name -> failed. Where any is queued without
    progress, workers are woken again: `woken` counts lines.
    """
    handled = {name: _each(find_runs(timezone.now()), handle) for name, (find_runs, handle) in _STEPS.items()}
    return {**handled, "woken": _wake_again()}


def _each(runs: QuerySet[Run], handle: Callable[[Run], None]) -> int:
    """Each run in its own transaction, with its row locked and looked at again: one failure harms no other run."""
    handled = 0
    for key in list(runs.order_by("queued_at").values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            still = runs.filter(pk=key).select_for_update(skip_locked=True, of=("self",))
            run = still.select_related("submission").first()
            if run is not None:
                handle(run)
                handled += 1
    return handled


def _expired(now: datetime) -> QuerySet[Run]:
    return Run.objects.filter(status__in=LEASED).filter(Q(lease_until__lt=now) | Q(lease_until=None))


def _lose(run: Run) -> None:
    lose_attempt(run, failures.LOST_WORKER, f"nothing was heard of worker {run.worker!r}; its lease expired")


def _withdrawn(now: datetime) -> QuerySet[Run]:
    lines = [line.pk for line in in_queue() if not _offered(line.benchmark, line.benchmark_version)]
    return Run.objects.filter(status=Status.QUEUED, line__in=lines)


def _offered(name: str, version: str) -> bool:
    try:
        return find(name).version == version
    except UnknownName:
        return False


def _withdraw(run: Run) -> None:
    fail(run, failures.WITHDRAWN, failures.SENTENCES[failures.WITHDRAWN])
    give_back(run.submission, "the benchmark was withdrawn")


def _renamed(now: datetime) -> QuerySet[Run]:
    """No worker takes them: the method is offered under another name. One that nobody offers at all is waited for."""
    installed = in_queue().filter(kind=Kind.CONFIGURATION, method__origin=Origin.INSTALLED)
    missing = installed.exclude(method__in=offered_methods()).values_list("pk", "method__name")
    return Run.objects.filter(status=Status.QUEUED, line__in=[line for line, name in missing if renamed(name)])


def _refer(run: Run) -> None:
    name = run.submission.method_name
    fail(run, failures.RENAMED, f"No worker offers {name!r} any more. {renamed(name)}")
    give_back(run.submission, "the method has another name now")


def _wake_again() -> int:
    """Call workers for the lines that wait and were not called for lately; a few wakes do for all of a resource."""
    now = timezone.now()
    with transaction.atomic():
        idle = in_queue().filter(woken_at__lt=now - settings.WAKE_AGAIN_AFTER).select_for_update(skip_locked=True)
        lines = list(idle.order_by("pk")[:AT_ONCE])
        Line.objects.filter(pk__in=[line.pk for line in lines]).update(woken_at=now)
        for resource in sorted({line.resource for line in lines}):
            waiting = Run.objects.filter(status=Status.QUEUED, line__in=[x.pk for x in lines if x.resource == resource])
            wake_on_commit(resource, waiting[:MOST_WAKES].count())
    return len(lines)


_STEPS: Mapping[str, tuple[Callable[[datetime], QuerySet[Run]], Callable[[Run], None]]] = {
    "lost": (_expired, _lose),
    "withdrawn": (_withdrawn, _withdraw),
    "renamed": (_renamed, _refer),
}
# Read by a test: no open state may be forgotten.
COVERED: Mapping[str, tuple[Status, ...]] = {
    "lost": LEASED,
    "withdrawn": (Status.QUEUED,),
    "renamed": (Status.QUEUED,),
    "woken": (Status.QUEUED,),
}
