"""Which classes an entry took for which, as far as that may be told.

Of a benchmark whose test labels everybody may know all counts are told. Of any other, a count would tell labels: a
method that says a class of one image alone reads that image's label off the matrix. There only classes with at least
MIN_EXAMPLES test examples are told of, only confusions with classes that were said at least as often and that took at
least LEAST of a class, and all as shares in steps of STEP, without counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.confusions import MOST_CLASSES, MOST_NUMBERS, Confusion, total
from farfield_web.entries.models import RunConfusion
from farfield_web.errors import OutcomesError
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status
from farfield_web.submissions.models import BenchmarkData, Submission

MIN_EXAMPLES, STEP, LEAST = 20, 0.05, 0.10
LISTS = ("classes", "counts", "hits", "said")
MOST_TOLD = 500  # pairs


@dataclass(frozen=True, kw_only=True)
class ClassResult:
    """A class: the share of its test examples that were predicted right, and of how many; None where not told."""

    name: str
    recall: float | None
    examples: int | None


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """Examples of `label` that were predicted as `said`: their share of the class, and how many where that is told."""

    label: str
    said: str
    share: float
    count: int | None


@dataclass(frozen=True, kw_only=True)
class Told:
    """What may be told of one domain, or of several together. `matrix` [K, K] has counts; None where not told."""

    domains: tuple[str, ...]
    exact: bool
    classes: tuple[ClassResult, ...]
    mistakes: tuple[Mistake, ...]
    matrix: tuple[tuple[int, ...], ...] | None


def receive(run: Run, domains: Sequence[Mapping[str, Any]]) -> None:
    """Keep what a worker sends of a run that it holds. Raises OutcomesError for what is none of its benchmark."""
    benchmark = run.submission.known_benchmark
    known = {domain.name for domain in benchmark.domains} if benchmark else set()
    for one in domains:
        _check(one, known)
    if sum(4 * len(one["classes"]) + 3 * len(one["pairs"]) for one in domains) > MOST_NUMBERS:
        raise OutcomesError("outcomes.too_large", f"At most {MOST_NUMBERS:,} numbers are kept of what was confused.")
    by_domain = {one["domain"]: dict(one) for one in domains}
    RunConfusion.objects.bulk_create(
        (RunConfusion(run=run, attempt=run.attempt, domain=name, counts=one) for name, one in by_domain.items()),
        update_conflicts=True,
        unique_fields=["run", "attempt", "domain"],
        update_fields=["counts"],
    )


def _check(one: Mapping[str, Any], known: Iterable[str]) -> None:
    lengths = {len(one[name]) for name in LISTS}
    size = len(one["classes"])
    counts = [number for name in LISTS for number in one[name]] + [number for pair in one["pairs"] for number in pair]
    sound = one["domain"] in known and len(lengths) == 1 and 0 < size <= MOST_CLASSES and min(counts) >= 0
    pairs = all(len(pair) == 3 and max(pair[:2]) < size for pair in one["pairs"])
    if not sound or not pairs or any(hit > count for hit, count in zip(one["hits"], one["counts"], strict=True)):
        raise OutcomesError("outcomes.invalid", "The classes that were confused are none of this benchmark's domains.")


def domains_of(submission: Submission) -> list[str]:
    """The test domains of which something is kept, in the order of the benchmark."""
    kept = set(_kept(submission).values_list("domain", flat=True))
    benchmark = submission.known_benchmark
    return [domain.name for domain in benchmark.domains if domain.name in kept] if benchmark else []


def told(submission: Submission, benchmark: Benchmark, domains: Sequence[str]) -> Told | None:
    """Of these test domains together, over the runs that have succeeded; None where nothing is kept."""
    if not domains:
        return None
    parts = list(_kept(submission).filter(domain__in=domains).values_list("counts", flat=True))
    whole = total(parts)
    if whole is None:
        return None
    data = BenchmarkData.objects.filter(benchmark=benchmark.name, current=True).first()
    exact = benchmark.public_labels or benchmark.shows == "truth"
    return publish(whole, data.classes if data else (), tuple(domains), exact=exact)


def _kept(submission: Submission) -> QuerySet[RunConfusion]:
    return RunConfusion.objects.filter(
        run__submission=submission, run__status=Status.SUCCEEDED, attempt=F("run__attempt")
    )


def publish(whole: Confusion, names: Sequence[str], domains: tuple[str, ...], *, exact: bool) -> Told:
    """Pure: what may be told of these counts; `names` are those of the pack's classes."""
    called = [_name(names, number) for number in whole.classes]
    return Told(
        domains=domains,
        exact=exact,
        classes=tuple(_class(whole, at, name, exact=exact) for at, name in enumerate(called)),
        mistakes=tuple(_mistakes(whole, called, exact=exact)),
        matrix=_matrix(whole) if exact and len(called) ** 2 <= MOST_TOLD else None,
    )


def _class(whole: Confusion, at: int, name: str, *, exact: bool) -> ClassResult:
    count = whole.counts[at]
    if not count or (not exact and count < MIN_EXAMPLES):
        return ClassResult(name=name, recall=None, examples=count if exact else None)
    share = whole.hits[at] / count
    return ClassResult(name=name, recall=share if exact else coarse(share), examples=count if exact else None)


def _mistakes(whole: Confusion, called: Sequence[str], *, exact: bool) -> Iterable[Mistake]:
    for label, said, count in whole.pairs[:MOST_TOLD]:
        share = count / whole.counts[label]
        enough = min(whole.counts[label], whole.said[said]) >= MIN_EXAMPLES and share >= LEAST
        if exact or enough:
            shown = share if exact else coarse(share)
            yield Mistake(label=called[label], said=called[said], share=shown, count=count if exact else None)


def coarse(share: float) -> float:
    """In steps of STEP.

    >>> coarse(0.4321)
    0.45
    """
    return round(round(share / STEP) * STEP, 2)


def _matrix(whole: Confusion) -> tuple[tuple[int, ...], ...]:
    size = len(whole.classes)
    rows = [[0] * size for _ in range(size)]
    for at, hits in enumerate(whole.hits):
        rows[at][at] = hits
    for label, said, count in whole.pairs:
        rows[label][said] = count
    return tuple(map(tuple, rows))


def _name(names: Sequence[str], number: int) -> str:
    return str(names[number]) if number < len(names) else f"class {number}"
