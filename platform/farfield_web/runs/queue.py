"""Where a queued run stands, and how long things take, from what was measured."""

import heapq
import statistics
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TypeVar

from farfield.choices import INPUT
from farfield_web.runs.models import Run
from farfield_web.runs.status import LEASED, Status

MEASURED = 50
_CHOSEN = f"submission__config__{INPUT}"
KeyT = TypeVar("KeyT")


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """`place` is 1 for the next run to be claimed. Seconds are None while nothing was measured to tell them from."""

    place: int | None
    of: int
    run_seconds: float | None
    wait_seconds: float | None


def outlook(run: Run) -> Outlook:
    """The outlook of a run that is still open."""
    submission = run.submission
    chosen = submission.config.get(INPUT)
    expected = expected_seconds(submission.method_id, submission.benchmark, submission.tier, chosen)
    if run.state is not Status.QUEUED:
        return Outlook(place=None, of=0, run_seconds=expected, wait_seconds=None)
    order = queue(run.resource)
    ahead = order[: order.index(run.pk)] if run.pk in order else order
    # It may have been claimed since it was read: then it stands behind all others for a moment.
    return Outlook(
        place=len(ahead) + 1, of=max(len(order), len(ahead) + 1), run_seconds=expected, wait_seconds=_wait(run, ahead)
    )


def queue(resource: str) -> list[object]:
    """Keys of the queued runs in the order in which claims would take them if none finished meanwhile.

    A higher priority comes first; within one, people take turns.
    """
    queued = Run.objects.filter(status=Status.QUEUED, resource=resource).order_by(
        "-priority", "queued_at", "trial", "pk"
    )
    busy = Counter(Run.objects.filter(status__in=LEASED).order_by().values_list("submission__owner", flat=True))
    order: list[object] = []
    rows = queued.values_list("priority", "submission__owner", "pk")
    for _, group in groupby(rows, key=itemgetter(0)):
        pairs = [(person, key) for _, person, key in group]
        order += fair_order(pairs, busy)
        busy.update(person for person, _ in pairs)
    return order


def fair_order(queued: Iterable[tuple[int, KeyT]], busy: Mapping[int, int]) -> list[KeyT]:
    """Pure: (person, key) oldest first -> keys by claim: fewest runs under way first, then oldest.

    >>> fair_order([(1, "a"), (1, "b"), (2, "c")], {})
    ['a', 'c', 'b']
    """
    waiting: dict[int, deque[tuple[int, KeyT]]] = defaultdict(deque)
    for age, (person, key) in enumerate(queued):
        waiting[person].append((age, key))
    heap = [(busy.get(person, 0), items[0][0], person) for person, items in waiting.items()]
    heapq.heapify(heap)
    order = []
    while heap:
        count, _, person = heapq.heappop(heap)
        order.append(waiting[person].popleft()[1])
        if waiting[person]:
            heapq.heappush(heap, (count + 1, waiting[person][0][0], person))
    return order


def expected_seconds(method_id: int | None, benchmark: str, tier: str = "", chosen: object = None) -> float | None:
    """Median duration of the latest runs of this method here, in this tier, with the input `chosen` in its settings.

    None for a method not yet known.
    """
    if method_id is None:
        return None
    done = Run.objects.filter(
        status=Status.SUCCEEDED,
        submission__method=method_id,
        submission__benchmark=benchmark,
        submission__tier=tier,
        started_at__isnull=False,
        finished_at__isnull=False,
        **({f"{_CHOSEN}__isnull": True} if chosen is None else {_CHOSEN: chosen}),
    )
    times = done.order_by("-finished_at").values_list("started_at", "finished_at")[:MEASURED]
    seconds = [(end - start).total_seconds() for start, end in times if start and end]
    return statistics.median(seconds) if seconds else None


def _wait(run: Run, ahead: list[object]) -> float | None:
    """The expected time of all that comes first, shared by the workers that are at work."""
    under_way = list(Run.objects.filter(status__in=LEASED, resource=run.resource).values_list("pk", flat=True))
    first = Run.objects.filter(pk__in=[*ahead, *under_way]).order_by()
    kinds = Counter(first.values_list("submission__method", "submission__benchmark", "submission__tier", _CHOSEN))
    times = {kind: expected_seconds(*kind) for kind in kinds}
    if None in times.values():
        return None
    total = sum((times[kind] or 0.0) * count for kind, count in kinds.items())
    return total / max(1, len(under_way))
