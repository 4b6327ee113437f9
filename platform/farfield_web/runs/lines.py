"""Lines of the queue: whose runs wait for what. All runs of a line can be taken by the same workers.

So a claim looks at the oldest run of each line, never at all that wait: its cost grows with the lines that have
somebody in them, and with the logarithm of the runs.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import connection, models
from django.db.models import QuerySet
from django.utils import timezone

from farfield_web.submissions.kinds import CHOICES, Kind
from farfield_web.submissions.models import Method, Submission

# Each step finds the next line by the index, past all other runs of the one before.
_WAITING = """
WITH RECURSIVE head (line) AS (
    (SELECT line_id FROM runs_run WHERE status = 'queued' AND priority = %(priority)s ORDER BY line_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT line_id FROM runs_run
        WHERE status = 'queued' AND priority = %(priority)s AND line_id > head.line ORDER BY line_id LIMIT 1
    ) FROM head WHERE head.line IS NOT NULL
)
SELECT line FROM head WHERE line IS NOT NULL
"""
_OLDEST = """
SELECT head.line_id FROM unnest(%(lines)s::bigint[]) AS waiting (line) CROSS JOIN LATERAL (
    SELECT line_id, queued_at, trial, id FROM runs_run
    WHERE status = 'queued' AND priority = %(priority)s AND line_id = waiting.line
    ORDER BY queued_at, trial, id LIMIT 1
) AS head ORDER BY head.queued_at, head.trial, head.id LIMIT %(most)s
"""
_COUNTED = """
SELECT waiting.line,
    (SELECT count(*) FROM (
        SELECT 1 FROM runs_run WHERE status = 'queued' AND priority = %(priority)s AND line_id = waiting.line
        LIMIT %(most)s) AS runs),
    (SELECT count(*) FROM (
        SELECT 1 FROM runs_run WHERE status = 'queued' AND priority = %(priority)s AND line_id = waiting.line
        AND (queued_at, trial, id) < (%(queued_at)s, %(trial)s, %(id)s)
        LIMIT %(most)s) AS older)
FROM unnest(%(lines)s::bigint[]) AS waiting (line)
"""
_COUNTED_BY_BENCHMARK = """
SELECT named.benchmark, (SELECT count(*) FROM (
    SELECT 1 FROM unnest(named.lines) AS line (id) CROSS JOIN LATERAL (
        SELECT 1 FROM runs_run WHERE status = 'queued' AND priority = %(priority)s AND line_id = line.id
        LIMIT %(most)s) AS run
    LIMIT %(most)s) AS runs)
FROM (
    SELECT benchmark, array_agg(id) AS lines FROM runs_line WHERE id = ANY(%(lines)s) GROUP BY benchmark
) AS named
"""


class Line(models.Model):
    """Who waits, at which kind of worker, for what: a worker's offer covers all runs of a line, or none.

    `method` is that of a configuration, null for what brings its own. A line stays when nobody waits in it. `woken_at`
    is when the reaper last called workers for what waits in it.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    resource = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, choices=CHOICES)
    method = models.ForeignKey(Method, models.PROTECT, null=True, related_name="+")
    benchmark = models.CharField(max_length=100)
    benchmark_version = models.CharField(max_length=40)
    woken_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner", "resource", "kind", "method", "benchmark", "benchmark_version"],
                nulls_distinct=False,
                name="one_line_for_the_same",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} for {self.benchmark} at {self.resource}"


def line_of(submission: Submission, resource: str) -> Line:
    """The line in which the submission's runs wait for workers of that resource."""
    line, _ = Line.objects.get_or_create(
        owner_id=submission.owner_id,
        resource=resource,
        kind=submission.kind,
        method=submission.method if submission.kind == Kind.CONFIGURATION else None,
        benchmark=submission.benchmark,
        benchmark_version=submission.benchmark_version,
    )
    return line


def priorities() -> Iterator[int]:
    """Those at which anything waits, from the highest."""
    with connection.cursor() as cursor:
        below = None
        while True:
            bound = "" if below is None else "AND priority < %s"
            cursor.execute(
                f"SELECT max(priority) FROM runs_run WHERE status = 'queued' {bound}",  # noqa: S608 - no text of others
                [] if below is None else [below],
            )
            (below,) = cursor.fetchone()
            if below is None:
                return
            yield below


def waiting(priority: int) -> list[int]:
    """Keys of the lines in which a run of this priority waits."""
    return [line for (line,) in _rows(_WAITING, priority=priority)]


def in_queue() -> QuerySet[Line]:
    """The lines in which anything waits."""
    return Line.objects.filter(pk__in={line for priority in priorities() for line in waiting(priority)})


def by_oldest(lines: Collection[int], priority: int, most: int) -> list[int]:
    """The first `most` of these lines by the age of the oldest run of this priority in each, the oldest first."""
    return [line for (line,) in _rows(_OLDEST, lines=list(lines), priority=priority, most=most)]


def counted(
    lines: Collection[int], priority: int, before: tuple[datetime, int, object], most: int
) -> dict[int, tuple[int, int]]:
    """Of each line: how many runs of this priority wait, and how many of them come before (queued_at, trial, key).

    Neither is counted further than `most`.
    """
    queued_at, trial, key = before
    values = {"lines": list(lines), "priority": priority, "most": most}
    rows = _rows(_COUNTED, **values, queued_at=queued_at, trial=trial, id=key)
    return {line: (runs, older) for line, runs, older in rows}


def by_benchmark(most: int) -> Counter[str]:
    """How many runs wait for each benchmark, counted no further than `most`: two statements for each priority."""
    runs = Counter[str]()
    for priority in priorities():
        runs.update(dict(_rows(_COUNTED_BY_BENCHMARK, lines=waiting(priority), priority=priority, most=most)))
    return Counter({name: min(number, most) for name, number in runs.items()})


def _rows(query: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
