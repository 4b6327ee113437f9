"""Entries as the database has them: submissions with what a board wants to know of their runs, and their figures."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg, JSONBAgg
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_web.entries.models import Change
from farfield_web.leaderboards.curves import curve_of
from farfield_web.leaderboards.differences import Entered
from farfield_web.leaderboards.held import repeats_of
from farfield_web.leaderboards.labels import labels_for
from farfield_web.leaderboards.progress import Progress
from farfield_web.leaderboards.rows import Entry, Row
from farfield_web.leaderboards.standing import standing_of
from farfield_web.leaderboards.trust import seen_by
from farfield_web.operations.models import Result
from farfield_web.people.entries import WITH_TEAM
from farfield_web.runs.figures import by_submission as figures_by_submission
from farfield_web.runs.status import Status
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import BenchmarkData, Ruling, Submission
from farfield_web.submissions.rulings import NOTE


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
    """As `counted`, newest first, with `curves`: those of the runs that have succeeded, in the order of the trials."""
    done = Q(runs__status=Status.SUCCEEDED) & ~Q(runs__curve=[])
    listed = counted(submissions).annotate(
        curves=JSONBAgg("runs__curve", filter=done, order_by="runs__trial", default=[])
    )
    return list(listed.order_by("-created_at", "-id"))


def counted(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    """Those that have runs, with what a board wants to know of their runs, however many these are.

    `total`, `succeeded` and `failed` count them; `keys` and `probes` are of those that have succeeded, without repeats.
    `was_ruled`, `was_noted`, `was_changed`, `was_repeated`: whether there are rulings, notes among them, changes by its
    author, and other results of the same key, so that these are read only of entries that have some.
    """
    done = Q(runs__status=Status.SUCCEEDED)
    listed = submissions.annotate(
        total=Count("runs"),
        succeeded=Count("runs", filter=done),
        failed=Count("runs", filter=Q(runs__status=Status.FAILED)),
        keys=ArrayAgg("runs__comparability_key", filter=done, distinct=True, default=[]),
        probes=JSONBAgg("runs__probes", filter=done, distinct=True, default=[]),
        was_ruled=Exists(Ruling.objects.filter(submission=OuterRef("pk"))),
        was_noted=Exists(Ruling.objects.filter(submission=OuterRef("pk"), verb=NOTE)),
        was_changed=Exists(Change.objects.filter(submission=OuterRef("pk"))),
        was_repeated=Exists(Result.objects.filter(key=OuterRef("result__key")).exclude(submission=OuterRef("pk"))),
    ).filter(total__gt=0)
    return listed.select_related("owner", "method", "upload__content", "phase", WITH_TEAM)


def entries_of(submissions: Sequence[Any], columns: Iterable[Column] | None = None) -> list[Entry]:
    """Submissions that were read `with_facts` as entries, with all their figures or with those of some columns."""
    figures = figures_by_submission(submissions, columns)
    repeats = repeats_of(one for one in submissions if one.was_repeated)
    return [
        Entry(
            submission=one,
            figures=figures[one.pk],
            keys=frozenset(one.keys),
            labels=labels_for(one, one.probes, noted=one.was_noted),
            progress=Progress(total=one.total, succeeded=one.succeeded, failed=one.failed),
            # A point that one trial lacks is left out, and so are all where one has no curve.
            curve=curve_of(one.curves) if len(one.curves) == one.succeeded else (),
            standing=standing_of(known, one, figures[one.pk], one.probes) if (known := one.known_benchmark) else None,
            seen=seen_by(one),
            reproduced=repeats.reproduced.get(one.pk, 0),
            held=repeats.held.get(one.pk, ""),
        )
        for one in submissions
    ]


def row_of(benchmark: Benchmark, entry: Entry, reason: str, rank: int | None = None, tied: bool = False) -> Row:
    """A line of a board: figures as they may leave the site."""
    shown = entry.published
    figures = tuple(shown.figure(column) for column in benchmark.columns)
    return Row(entry=shown, rank=rank, reason=reason, tied_with_best=tied, figures=figures)


def why_apart(benchmark: Benchmark, submission: Submission) -> str:
    """Why an entry is not comparable with a board."""
    version = submission.benchmark_version
    known = "other data" if version == benchmark.version else f"version {version} of the benchmark"
    return f"not comparable: evaluated on {known}"


def entered(one: Submission) -> Entered:
    """What tells it from other entries of its method."""
    content = "" if one.kind == Kind.PREDICTIONS else one.content
    return Entered(key=one.pk, method=one.display_name, version=one.method_version, content=content, config=one.config)
