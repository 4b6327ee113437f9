"""Where a queued run stands, and how long things take, from what was measured."""

import heapq
import statistics
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TypeVar

from django.db.models import Count, Q, QuerySet

from farfield.choices import INPUT
from farfield_web.runs.models import Run
from farfield_web.runs.status import LEASED, Status

MEASURED = 50
EXACT = 200  # queued runs; of more the wait is told from the mix of all of them
MOST_KINDS = 20
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
    ahead, waiting = _place(run)
    # It may have been claimed since it was read: then it stands behind all others for a moment.
    return Outlook(
        place=ahead + 1, of=max(waiting, ahead + 1), run_seconds=expected, wait_seconds=_wait(run, ahead, waiting)
    )


def _place(run: Run) -> tuple[int, int]:
    """(how many queued runs would be claimed before this one, how many there are); one query, a row for each person.

    With as many runs of everybody's under way as would be when this one is next, whoever has more of them waits. So
    of each person as many come first as bring them up to that number, and one more where it is older.
    """
    queued = Run.objects.filter(status=Status.QUEUED, resource=run.resource).order_by()
    higher, same = Q(priority__gt=run.priority), Q(priority=run.priority)
    older = Q(queued_at__lt=run.queued_at)
    older |= Q(queued_at=run.queued_at) & (Q(trial__lt=run.trial) | Q(trial=run.trial, pk__lt=run.pk))
    people = queued.values_list("submission__owner").annotate(
        higher=Count("pk", filter=higher),
        same=Count("pk", filter=same),
        older=Count("pk", filter=same & older),
        itself=Count("pk", filter=Q(pk=run.pk)),
        total=Count("pk"),
    )
    rows = {person: counts for person, *counts in people}
    total = sum(counts[4] for counts in rows.values())
    own = rows.get(run.submission.owner_id)
    if own is None or not own[3]:
        return total, total
    busy = _busy()
    turn = busy[run.submission.owner_id] + own[0] + own[2]
    others = (
        _before(turn - busy[person] - counts[0], counts[1], counts[2])
        for person, counts in rows.items()
        if person != run.submission.owner_id
    )
    return sum(counts[0] for counts in rows.values()) + own[2] + sum(others), total


def _before(lacks: int, waiting: int, older: int) -> int:
    """How many of a person's waiting runs come first, who lacks so many to be at the same number under way.

    >>> _before(2, 5, 0), _before(2, 5, 3), _before(-1, 5, 3), _before(9, 5, 3)
    (2, 3, 0, 5)
    """
    return min(waiting, max(0, lacks)) + (1 if 0 <= lacks < min(waiting, older) else 0)


def _busy() -> Counter[int]:
    """How many runs each person has under way."""
    return Counter(Run.objects.filter(status__in=LEASED).order_by().values_list("submission__owner", flat=True))


def queue(resource: str) -> list[object]:
    """Keys of the queued runs in the order in which claims would take them if none finished meanwhile.

    A higher priority comes first; within one, people take turns.
    """
    queued = Run.objects.filter(status=Status.QUEUED, resource=resource).order_by(
        "-priority", "queued_at", "trial", "pk"
    )
    busy = _busy()
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


def _wait(run: Run, ahead: int, waiting: int) -> float | None:
    """The expected time of all that comes first, shared by the workers that are at work.

    Of a long queue it is the share of its place in what the commonest kinds of all that waits take.
    """
    leased = Run.objects.filter(status__in=LEASED, resource=run.resource)
    under_way = list(leased.values_list("pk", flat=True))
    if waiting > EXACT:
        queued = Run.objects.filter(status=Status.QUEUED, resource=run.resource)
        known = _seconds(queued, MOST_KINDS), _seconds(leased, MOST_KINDS)
        total = None if None in known else (known[0] or 0.0) * ahead / waiting + (known[1] or 0.0)
    else:
        order = queue(run.resource)
        first = order[: order.index(run.pk)] if run.pk in order else order
        total = _seconds(Run.objects.filter(pk__in=[*first, *under_way]))
    return None if total is None else total / max(1, len(under_way))


def _seconds(runs: QuerySet[Run], most: int | None = None) -> float | None:
    """What these runs are expected to take, by kind, of very many by the commonest; None where one is unknown."""
    by_kind = runs.order_by().values_list("submission__method", "submission__benchmark", "submission__tier", _CHOSEN)
    kinds = list(by_kind.annotate(count=Count("pk")).order_by("-count")[:most])
    times = [expected_seconds(*kind) for *kind, _ in kinds]
    if None in times:
        return None
    listed, total = sum(count for *_, count in kinds), runs.count() if most else 0
    seconds = sum((time or 0.0) * kind[-1] for time, kind in zip(times, kinds, strict=True))
    return seconds * max(1.0, total / listed) if listed else 0.0
