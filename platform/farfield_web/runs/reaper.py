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
from farfield_web.runs.models import Run
from farfield_web.runs.outcomes import fail, lose_attempt
from farfield_web.runs.status import LEASED, Status
from farfield_web.runs.wake import wake_on_commit
from farfield_web.submissions.kinds import Kind, Origin
from farfield_web.submissions.offered import offered_methods, renamed
from farfield_web.submissions.quota import give_back

AT_ONCE = 200
_METHOD = "submission__method__name"


def reap() -> dict[str, int]:
    """Look at every open run once; how many were handled, by what was done. Safe to run twice, or at the same time.

    preparing | running | scoring with an expired lease -> queued, or failed past the attempt limit.
    queued for a benchmark that is gone, or under a method's former name -> failed. queued without progress -> queued,
    and a worker is woken again.
    """
    return {name: _each(find_runs, handle) for name, (find_runs, handle) in _STEPS.items()}


def _each(find_runs: Callable[[datetime], QuerySet[Run]], handle: Callable[[Run], None]) -> int:
    """Each run in its own transaction, with its row locked and looked at again: one failure harms no other run."""
    now, handled = timezone.now(), 0
    for key in list(find_runs(now).order_by("queued_at").values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            still = find_runs(now).filter(pk=key).select_for_update(skip_locked=True, of=("self",))
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
    queued = Run.objects.filter(status=Status.QUEUED)
    pairs = set(queued.order_by().values_list("submission__benchmark", "submission__benchmark_version").distinct())
    gone = [pair for pair in pairs if not _offered(*pair)]
    chosen = Q(pk__in=[])
    for name, version in gone:
        chosen |= Q(submission__benchmark=name, submission__benchmark_version=version)
    return queued.filter(chosen)


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
    queued = Run.objects.filter(
        status=Status.QUEUED, submission__kind=Kind.CONFIGURATION, submission__method__origin=Origin.INSTALLED
    )
    missing = queued.exclude(submission__method__in=offered_methods()).order_by()
    names = missing.values_list(_METHOD, flat=True).distinct()
    return queued.filter(**{f"{_METHOD}__in": [name for name in names if renamed(name)]})


def _refer(run: Run) -> None:
    name = run.submission.method_name
    fail(run, failures.RENAMED, f"No worker offers {name!r} any more. {renamed(name)}")
    give_back(run.submission, "the method has another name now")


def _idle(now: datetime) -> QuerySet[Run]:
    since = now - settings.WAKE_AGAIN_AFTER
    return Run.objects.filter(status=Status.QUEUED).filter(Q(woken_at__lt=since) | Q(woken_at=None))


def _wake(run: Run) -> None:
    """All runs of its entry that wait, for a few wakes do for all of them."""
    waiting = Run.objects.filter(submission=run.submission_id, resource=run.resource, status=Status.QUEUED)
    free = waiting.select_for_update(skip_locked=True, of=("self",)).order_by("pk").values_list("pk", flat=True)
    woken = Run.objects.filter(pk__in=list(free)).update(woken_at=timezone.now())
    wake_on_commit(run.resource, woken)


_STEPS: Mapping[str, tuple[Callable[[datetime], QuerySet[Run]], Callable[[Run], None]]] = {
    "lost": (_expired, _lose),
    "withdrawn": (_withdrawn, _withdraw),
    "renamed": (_renamed, _refer),
    "woken": (_idle, _wake),
}
# Read by a test: no open state may be forgotten.
COVERED: Mapping[str, tuple[Status, ...]] = {
    "lost": LEASED,
    "withdrawn": (Status.QUEUED,),
    "renamed": (Status.QUEUED,),
    "woken": (Status.QUEUED,),
}
