"""Entries as the database has them: submissions with what a board wants to know of their runs, and their figures."""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg, JSONBAgg
from django.db.models import Count, Q, QuerySet

from farfield_evaluators.benchmark import Benchmark
from farfield_web.leaderboards.curves import curve_of
from farfield_web.leaderboards.labels import labels_for
from farfield_web.leaderboards.progress import Progress
from farfield_web.leaderboards.rows import Entry, Row
from farfield_web.leaderboards.standing import standing_of
from farfield_web.runs.figures import by_submission as figures_by_submission
from farfield_web.runs.status import Status
from farfield_web.submissions.models import BenchmarkData, Submission


def tier_of(benchmark: Benchmark, tier: str = "") -> str:
    """The name of a tier, the first when it is left empty; empty where there are none. Raises KeyError."""
    tiers = benchmark.plan.tiers
    if not tiers and not tier:
        return ""
    return benchmark.tier(tier).name if tier else tiers[0].name


def current_key(benchmark: Benchmark, tier: str = "") -> str | None:
    """The comparability key of a tier on the data that workers evaluate on now; None before any worker said so."""
    data = current_data(benchmark.name)
    if data is None or not tier:
        return data.key if data else None
    return benchmark.comparability_key(data.fingerprint, tier)


def with_data() -> frozenset[str]:
    """The names of the benchmarks whose data some worker has; entries to others would wait without end."""
    return frozenset(BenchmarkData.objects.filter(current=True).values_list("benchmark", flat=True))


def current_data(benchmark: str) -> BenchmarkData | None:
    """What workers say about the benchmark's data now: classes, counts, fingerprint."""
    return BenchmarkData.objects.filter(benchmark=benchmark, current=True).first()


def entry_of(submission: Submission) -> Entry:
    """A submission as a board has it, whether it is on one or not."""
    return entries_of(with_facts(Submission.objects.filter(pk=submission.pk)))[0]


def with_facts(submissions: QuerySet[Submission]) -> list[Any]:
    """Those that have runs, newest first, with what a board wants to know of their runs, however many these are.

    `total`, `succeeded` and `failed` count them; `keys`, `probes` and `curves` are of those that have succeeded, the
    first two without repeats, the last in the order of the trials, without those that have none.
    """
    done = Q(runs__status=Status.SUCCEEDED)
    listed = submissions.annotate(
        total=Count("runs"),
        succeeded=Count("runs", filter=done),
        failed=Count("runs", filter=Q(runs__status=Status.FAILED)),
        keys=ArrayAgg("runs__comparability_key", filter=done, distinct=True, default=[]),
        probes=JSONBAgg("runs__probes", filter=done, distinct=True, default=[]),
        curves=JSONBAgg("runs__curve", filter=done & ~Q(runs__curve=[]), order_by="runs__trial", default=[]),
    ).filter(total__gt=0)
    return list(listed.select_related("owner", "method", "upload__content").order_by("-created_at", "-id"))


def entries_of(submissions: Sequence[Any]) -> list[Entry]:
    figures = figures_by_submission(submissions)
    return [
        Entry(
            submission=one,
            figures=figures[one.pk],
            keys=frozenset(one.keys),
            labels=labels_for(one, one.probes),
            progress=Progress(total=one.total, succeeded=one.succeeded, failed=one.failed),
            # A point that one trial lacks is left out, and so are all where one has no curve.
            curve=curve_of(one.curves) if len(one.curves) == one.succeeded else (),
            standing=standing_of(known, one, figures[one.pk], one.probes) if (known := one.known_benchmark) else None,
        )
        for one in submissions
    ]


def row_of(benchmark: Benchmark, entry: Entry, reason: str, rank: int | None = None, tied: bool = False) -> Row:
    shown = entry.published
    figures = tuple(shown.figure(column) for column in benchmark.columns)
    return Row(entry=shown, rank=rank, reason=reason, tied_with_best=tied, figures=figures)
