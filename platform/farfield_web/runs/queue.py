"""Where a queued run stands, and how long things take, from what was measured."""

import heapq
import statistics
import uuid
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from operator import itemgetter
from typing import TypeVar

from django.db.models import Count, QuerySet

from farfield.choices import INPUT
from farfield_web.runs.lines import Line, counted, priorities, waiting
from farfield_web.runs.models import Run
from farfield_web.runs.status import LEASED, Status

MEASURED = 50
EXACT = 200  # queued runs are put in order; of more, those that come first are counted
MOST_BEFORE = 1_000  # runs before one are counted so far, and no further
MOST_WAITING = 10_000
_CHOSEN = f"submission__config__{INPUT}"
KeyT = TypeVar("KeyT")


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """`place` is 1 for the next run to be claimed. Seconds are None while nothing was measured to tell them from.

    `of` is how many wait, and 0 for a run that does not. `place` is None, too, where more than MOST_BEFORE come first,
    and `of` where more than MOST_WAITING wait: to count on would cost the more, the longer the queue is.
    """

    place: int | None
    of: int | None
    run_seconds: float | None
    wait_seconds: float | None


def outlook(run: Run) -> Outlook:
    """The outlook of a run that is still open."""
    submission = run.submission
    chosen = submission.config.get(INPUT)
    expected = expected_seconds(submission.method_id, submission.benchmark, submission.tier, chosen)
    if run.state is not Status.QUEUED:
        return Outlook(place=None, of=0, run_seconds=expected, wait_seconds=None)
    ahead: int | None
    total = _queued(run)[: MOST_WAITING + 1].count()
    # It may have been claimed since it was read: then it stands behind all others for a moment.
    if total <= EXACT:
        order = queue(run.resource)
        first = order[: order.index(run.pk)] if run.pk in order else order
        ahead, wait = len(first), _wait_for(run, first)
    else:
        ahead = _ahead(run)
        wait = None if ahead is None else _wait_for_about(run, ahead)
    total = max(total, (ahead or 0) + 1)
    return Outlook(
        place=None if ahead is None else ahead + 1,
        of=None if total > MOST_WAITING else total,
        run_seconds=expected,
        wait_seconds=wait,
    )


def _queued(run: Run) -> QuerySet[Run]:
    return Run.objects.filter(status=Status.QUEUED, resource=run.resource).order_by("queued_at")


def _ahead(run: Run) -> int | None:
    """How many queued runs would be claimed before this one; None for more than MOST_BEFORE.

    With as many runs of everybody's under way as would be when this one is next, whoever has more of them waits. So
    of each person as many come first as bring them up to that number, and one more where it is older.
    """
    if not Run.objects.filter(pk=run.pk, status=Status.QUEUED).exists():
        return min(_queued(run)[:MOST_BEFORE].count(), MOST_BEFORE)
    me, most, age, busy = run.submission.owner_id, MOST_BEFORE + 1, (run.queued_at, run.trial, run.pk), under_way()
    urgent: Counter[int] = Counter()
    for priority in takewhile(lambda priority: priority > run.priority, priorities()):
        owners = _owners(run.resource, priority)
        for line, (runs, _) in counted(owners, priority, age, most).items():
            urgent[owners[line]] += runs
    owners = _owners(run.resource, run.priority)
    mine = {line for line, owner in owners.items() if owner == me}
    own = sum(older for _, older in counted(mine, run.priority, age, most).values())
    turn = busy[me] + urgent[me] + own
    others: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for line, counts in counted(owners.keys() - mine, run.priority, age, turn + 2).items():
        others[owners[line]] = [sum(pair) for pair in zip(others[owners[line]], counts, strict=True)]
    before = (_before(turn - busy[person] - urgent[person], *counts) for person, counts in others.items())
    ahead = urgent.total() + own + sum(before)
    return ahead if ahead <= MOST_BEFORE else None


def _owners(resource: str, priority: int) -> dict[int, int]:
    """Line -> person, of the lines in which a run of this priority waits for this resource."""
    lines = Line.objects.filter(resource=resource, pk__in=waiting(priority))
    return dict(lines.values_list("pk", "owner"))


def _before(lacks: int, waiting: int, older: int) -> int:
    """How many of a person's waiting runs come first, who lacks so many to be at the same number under way.

    >>> _before(2, 5, 0), _before(2, 5, 3), _before(-1, 5, 3), _before(9, 5, 3)
    (2, 3, 0, 5)
    """
    return min(waiting, max(0, lacks)) + (1 if 0 <= lacks < min(waiting, older) else 0)


def under_way() -> Counter[int]:
    """How many runs each person has under way."""
    return Counter(Run.objects.filter(status__in=LEASED).order_by().values_list("line__owner", flat=True))


def queue(resource: str) -> list[uuid.UUID]:
    """Keys of the queued runs in the order in which claims would take them if none finished meanwhile.

    A higher priority comes first; within one, people take turns.
    """
    queued = Run.objects.filter(status=Status.QUEUED, resource=resource).order_by(
        "-priority", "queued_at", "trial", "pk"
    )
    busy = under_way()
    order: list[uuid.UUID] = []
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
    """Median duration of runs of this method here, in this tier, with the input `chosen` in its settings.

    They are of its newest entries, and no more are read, whatever there was before. None for a method not yet known.
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
    times = done.order_by("-submission__created_at").values_list("started_at", "finished_at")[:MEASURED]
    seconds = [(end - start).total_seconds() for start, end in times if start and end]
    return statistics.median(seconds) if seconds else None


def _wait_for(run: Run, first: Sequence[uuid.UUID]) -> float | None:
    """The expected time of these runs and of all under way, shared by the workers that are at work."""
    at_work = _at_work(run)
    seconds = _seconds([*first, *at_work])
    return None if seconds is None else seconds / max(1, len(at_work))


def _wait_for_about(run: Run, ahead: int) -> float | None:
    """The same for so many runs of a long queue, told from the mean of those that wait longest."""
    at_work, oldest = _at_work(run), list(_queued(run).values_list("pk", flat=True)[:EXACT])
    each, held = _seconds(oldest), _seconds(at_work)
    if each is None or held is None or not oldest:
        return None
    return (each / len(oldest) * ahead + held) / max(1, len(at_work))


def _at_work(run: Run) -> list[uuid.UUID]:
    return list(Run.objects.filter(status__in=LEASED, resource=run.resource).values_list("pk", flat=True))


def _seconds(keys: Sequence[uuid.UUID]) -> float | None:
    """What these runs are expected to take together; None where a kind of them was never measured."""
    runs = Run.objects.filter(pk__in=keys).order_by()
    by_kind = runs.values_list("submission__method", "submission__benchmark", "submission__tier", _CHOSEN)
    total = 0.0
    for *kind, count in by_kind.annotate(count=Count("pk")):
        seconds = expected_seconds(*kind)
        if seconds is None:
            return None
        total += seconds * count
    return total
