"""Whether a finished entry gives what the accepted one of the same key gave: the same again, or something else.

A key is what makes figures: method version, content, settings, tier and comparability key. Whoever entered it, and
whichever worker ran it, figures of one key agree within chance; where they do not, an operator decides.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.figure import Figure
from farfield_web import published
from farfield_web.hosting.hidden import hidden_now
from farfield_web.operations.models import Decision, Result, Verdict
from farfield_web.runs.figures import Key, figures_of
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status
from farfield_web.submissions.models import Submission
from farfield_web.submissions.request import digest

CHANGED = "changed-figure"
STANDARD_ERRORS, LEAST = 3.0, 1e-6


@dataclass(frozen=True, kw_only=True)
class Change:
    """A figure of a board that is not what it was: None where there was none, or is none now."""

    metric: str
    domain: str
    before: float | None
    after: float | None
    tolerance: float


def changes(benchmark: Benchmark, before: Mapping[Key, Figure], after: Mapping[Key, Figure]) -> tuple[Change, ...]:
    """The board's figures that differ by more than max(3 standard errors, 1e-6), of the larger error of the two."""
    columns = dict.fromkeys((column.metric, column.domain) for column in benchmark.columns)
    both = ((key, before.get(key), after.get(key)) for key in columns)
    return tuple(
        Change(
            metric=key[0],
            domain=key[1],
            before=old.value if old else None,
            after=new.value if new else None,
            tolerance=tolerance(old, new),
        )
        for key, old, new in both
        if differ(old, new)
    )


def differ(before: Figure | None, after: Figure | None) -> bool:
    """Whether these are two results.

    >>> once = Figure(metric="accuracy", domain="id", value=0.50, stderr=0.01, n=100)
    >>> again = Figure(metric="accuracy", domain="id", value=0.52, stderr=0.01, n=100)
    >>> differ(once, again), differ(once, None)
    (False, True)
    """
    if before is None or after is None:
        return before is not after
    return abs(after.value - before.value) > tolerance(before, after)


def tolerance(before: Figure | None, after: Figure | None) -> float:
    """How far two figures of one key may lie apart by chance."""
    errors = (figure.stderr for figure in (before, after) if figure is not None and figure.stderr is not None)
    return max(STANDARD_ERRORS * max(errors, default=0.0), LEAST)


def note(submission: Submission, benchmark: Benchmark) -> Result | None:
    """Hold an entry whose runs have all succeeded against the accepted one of its key, once; None where it is not done.

    To be called in the transaction that stores its last report, with its row locked. A change is told in the timeline
    of its runs. Earlier entries of the same, from before results were held against one another, are judged first.
    """
    key = key_of(submission)
    if key is None:
        return None
    _one_at_a_time(key)
    for earlier in _unjudged(submission, key):
        _judge(earlier, benchmark, key)
    return _judge(submission, benchmark, key)


def key_of(submission: Submission) -> str | None:
    """The key of an entry; None until all of its runs have succeeded."""
    ends = list(submission.runs.values_list("status", "comparability_key"))
    if not ends or submission.method is None or any(status != Status.SUCCEEDED for status, _ in ends):
        return None
    made_of = [submission.method_name, submission.method_version, submission.content, submission.config]
    return digest([submission.benchmark, submission.tier, *made_of, sorted({key for _, key in ends})])


def accepted(key: str) -> Result | None:
    """The result that others of the key are held against: the last that an operator put in place, else the first."""
    standing = Result.objects.filter(Q(verdict=Verdict.FIRST) | Q(decision=Decision.REPLACE), key=key)
    whole = standing.select_related("submission").prefetch_related("submission__rulings")
    results = [result for result in whole if result.submission.taken_off is None]
    return max(results, key=lambda result: result.decided_at or result.at, default=None)


def _judge(submission: Submission, benchmark: Benchmark, key: str) -> Result:
    known = Result.objects.filter(submission=submission).first()
    if known is not None:
        return known
    before = accepted(key)
    if before is None:
        return Result.objects.create(submission=submission, key=key, verdict=Verdict.FIRST, at=timezone.now())
    found = changes(benchmark, figures_of(before.submission), figures_of(submission))
    if found:
        _tell(submission, before.submission, found)
    return Result.objects.create(
        submission=submission,
        key=key,
        verdict=Verdict.CHANGED if found else Verdict.REPRODUCED,
        against=before.submission,
        changes=[asdict(change) for change in found],
        at=timezone.now(),
    )


def _tell(submission: Submission, before: Submission, found: tuple[Change, ...]) -> None:
    run: Run = submission.runs.order_by("finished_at", "trial").reverse()[0]
    told = (lambda change: f"{change.metric} on {change.domain}") if hidden_now(submission.benchmark) else sentence
    listed = "; ".join(told(change) for change in found)
    message = f"submission {before.pk} gave other figures by the same means: {listed}; an operator decides"
    run.events.create(at=timezone.now(), kind=CHANGED, attempt=run.attempt, message=message)


def sentence(change: Change) -> str:
    """A change in words, with figures as they may leave the site."""
    before, after = (_shown(value) for value in (change.before, change.after))
    return f"{change.metric} on {change.domain} {before} before, {after} now"


def _shown(value: float | None) -> str:
    return "nothing" if value is None or not math.isfinite(value) else f"{published.figure(value):g}"


def _unjudged(submission: Submission, key: str) -> list[Submission]:
    same = Submission.objects.filter(
        benchmark=submission.benchmark,
        tier=submission.tier,
        method_name=submission.method_name,
        method_version=submission.method_version,
        config=submission.config,
        image=submission.image,
        upload__content=submission.upload.content_id if submission.upload else None,
        created_at__lt=submission.created_at,
        result=None,
    )
    done = same.exclude(pk=submission.pk).annotate(
        left=Count("runs", filter=~Q(runs__status=Status.SUCCEEDED)), total=Count("runs")
    )
    found = done.filter(left=0, total__gt=0).select_related("method", "upload__content").order_by("created_at")
    return [each for each in found if key_of(each) == key]


def _one_at_a_time(key: str) -> None:
    """Of two that finish at once, one sees the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [key])
