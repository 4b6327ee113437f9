"""What an operator looks at: queues, workers, data, people and storage, as they are now."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Sum
from django.utils import timezone

from farfield_evaluators.catalog import benchmarks
from farfield_web.operations.draining import drained
from farfield_web.runs.depth import MANY, depth, in_words
from farfield_web.runs.lines import by_benchmark, in_queue
from farfield_web.runs.models import Run, RunOutcomes
from farfield_web.runs.status import LEASED, Status
from farfield_web.submissions.models import BenchmarkData, Content, Upload, Worker

TABLES = ("runs_runlog", "runs_runevidence", "runs_picture", "runs_score", "runs_runevent", "operations_auditline")


@dataclass(frozen=True, kw_only=True)
class Queue:
    """What waits for workers of one resource, and what they have. `oldest` is when the first of it was queued."""

    resource: str
    waiting: int
    under_way: int
    oldest: datetime | None

    @property
    def waits(self) -> str:
        return in_words(self.waiting)


@dataclass(frozen=True, kw_only=True)
class WorkerState:
    """A worker as it was last heard of. `drained` is the reason why it claims nothing; empty where it does."""

    name: str
    resource: str
    seen_at: datetime
    is_seen: bool
    drained: str
    runs: int
    benchmarks: tuple[str, ...]
    accepts: tuple[str, ...]
    sandbox: str

    @property
    def state(self) -> str:
        if self.drained:
            return "draining" if self.runs else "drained"
        if not self.is_seen:
            return "silent"
        return "at work" if self.runs else "idle"


@dataclass(frozen=True, kw_only=True)
class BenchmarkState:
    """Whether a benchmark's data is anywhere: `workers` are those of the last minutes that have it.

    Runs that wait for it are counted up to MANY.
    """

    name: str
    version: str
    announced: bool
    workers: tuple[str, ...]
    waiting: int

    @property
    def waits(self) -> str:
        return in_words(self.waiting)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """How much room something takes, in bytes, in so many files or rows."""

    name: str
    count: int
    size: int


def queues() -> list[Queue]:
    """One for each resource that a worker or an open run has; what waits is as `depth` counts."""
    held = Counter(Run.objects.filter(status__in=LEASED).order_by().values_list("resource", flat=True))
    waiting = set(in_queue().values_list("resource", flat=True))
    names = sorted({*held, *waiting, *Worker.objects.values_list("resource", flat=True)})
    return [_queue(name, held[name]) for name in names]


def _queue(resource: str, under_way: int) -> Queue:
    waits = Run.objects.filter(status=Status.QUEUED, resource=resource)
    oldest = waits.order_by("queued_at").values_list("queued_at", flat=True).first()
    return Queue(resource=resource, waiting=depth(waits), under_way=under_way, oldest=oldest)


def worker_states() -> list[WorkerState]:
    """All that were heard of within weeks, by name."""
    off, since = drained(), timezone.now() - settings.WORKER_SEEN_WITHIN
    held = Run.objects.filter(status__in=LEASED).order_by().values_list("worker").annotate(Count("pk"))
    runs = dict(held)
    return [
        WorkerState(
            name=worker.name,
            resource=worker.resource,
            seen_at=worker.seen_at,
            is_seen=worker.seen_at > since,
            drained=off[worker.name].reason if worker.name in off else "",
            runs=runs.get(worker.name, 0),
            benchmarks=tuple(worker.benchmarks),
            accepts=tuple(worker.accepts),
            sandbox=str(worker.sandbox.get("name", "")),
        )
        for worker in Worker.objects.all()
    ]


def benchmark_states() -> list[BenchmarkState]:
    """Every benchmark of the catalog, those without data first."""
    having: dict[str, list[str]] = defaultdict(list)
    for worker in worker_states():
        for name in worker.benchmarks if worker.is_seen else ():
            having[name].append(worker.name)
    announced = set(BenchmarkData.objects.filter(current=True).values_list("benchmark", flat=True))
    waiting = by_benchmark(MANY)
    states = [
        BenchmarkState(
            name=each.name,
            version=each.version,
            announced=each.name in announced,
            workers=tuple(having[each.name]),
            waiting=waiting[each.name],
        )
        for each in benchmarks()
    ]
    return sorted(states, key=lambda state: (state.announced and bool(state.workers), state.name))


def stored_by_person(most: int = 100) -> list[Taken]:
    """Files that people sent first, the largest shares first."""
    rows = Content.objects.values_list("owner__username").annotate(Count("pk"), taken=Sum("size")).order_by("-taken")
    return [Taken(name=name, count=count, size=size or 0) for name, count, size in rows[:most]]


def stored_by_kind() -> list[Taken]:
    """Files by what they were sent as, outcomes of runs, and the tables of the database that grow with runs."""
    kinds = Upload.objects.order_by("kind").values_list("kind").annotate(Count("pk"), Sum("content__size"))
    files = [Taken(name=f"uploads: {kind}", count=count, size=size or 0) for kind, count, size in kinds]
    records = RunOutcomes.objects.order_by().values_list("sha256", "size").distinct()
    sizes = [size for _, size in records]
    return [*files, Taken(name="outcomes of examples", count=len(sizes), size=sum(sizes)), *_tables()]


def _tables() -> list[Taken]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, greatest(reltuples, 0)::bigint, pg_total_relation_size(oid) "
            "FROM pg_class WHERE relname = ANY(%s) AND relkind = 'r' ORDER BY relname",
            [list(TABLES)],
        )
        rows: list[Any] = cursor.fetchall()
    return [Taken(name=f"table {name}", count=count, size=size) for name, count, size in rows]
