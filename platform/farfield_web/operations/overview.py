"""What an operator looks at: queues, workers, data, people and storage, as they are now."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Q, Sum
from django.utils import timezone

from farfield_evaluators.catalog import benchmarks
from farfield_web.operations.draining import drained
from farfield_web.runs.models import Run, RunOutcomes
from farfield_web.runs.status import LEASED, OPEN, Status
from farfield_web.submissions.models import BenchmarkData, Content, Upload, Worker

TABLES = ("runs_runlog", "runs_runevidence", "runs_picture", "runs_score", "runs_runevent", "operations_auditline")


@dataclass(frozen=True, kw_only=True)
class Queue:
    """What waits for workers of one resource, and what they have. `oldest` is when the first of it was queued."""

    resource: str
    waiting: int
    under_way: int
    oldest: datetime | None


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
    """Whether a benchmark's data is anywhere: `workers` are those of the last minutes that have it."""

    name: str
    version: str
    announced: bool
    workers: tuple[str, ...]
    waiting: int


@dataclass(frozen=True, kw_only=True)
class Taken:
    """How much room something takes, in bytes, in so many files or rows."""

    name: str
    count: int
    size: int


def queues() -> list[Queue]:
    """One for each resource that a worker or an open run has."""
    rows = (
        Run.objects.filter(status__in=OPEN)
        .order_by()
        .values("resource")
        .annotate(
            waiting=Count("pk", filter=Q(status=Status.QUEUED)),
            under_way=Count("pk", filter=Q(status__in=LEASED)),
            oldest=Min("queued_at", filter=Q(status=Status.QUEUED)),
        )
    )
    known = {row["resource"]: Queue(**row) for row in rows}
    names = sorted({*known, *Worker.objects.values_list("resource", flat=True)})
    return [known.get(name, Queue(resource=name, waiting=0, under_way=0, oldest=None)) for name in names]


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
    queued = Run.objects.filter(status=Status.QUEUED).order_by().values_list("submission__benchmark")
    waiting = dict(queued.annotate(Count("pk")))
    states = [
        BenchmarkState(
            name=each.name,
            version=each.version,
            announced=each.name in announced,
            workers=tuple(having[each.name]),
            waiting=waiting.get(each.name, 0),
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
