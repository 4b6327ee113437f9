"""Boards, read from the database and handed to `ranking`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Prefetch, Q

from farfield import Benchmark, Column
from farfield_web.leaderboards.labels import labels_of
from farfield_web.leaderboards.models import BenchmarkData
from farfield_web.leaderboards.ranking import Figure, Key, aggregate, rank
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status
from farfield_web.submissions.models import Submission


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A succeeded submission with its figures over all trials, and what must stand beside them."""

    submission: Submission
    figures: Mapping[Key, Figure]
    keys: frozenset[str]
    labels: tuple[str, ...] = ()

    def figure(self, column: Column) -> Figure | None:
        return self.figures.get((column.metric, column.domain))


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a board: `figures` has one item per column, None where there is no result."""

    entry: Entry
    rank: int | None
    reason: str
    tied_with_best: bool
    figures: tuple[Figure | None, ...]


@dataclass(frozen=True, kw_only=True)
class Board:
    """Ranked by `columns[ranked_by]`. `apart` holds results on other data or another protocol: not comparable."""

    benchmark: Benchmark
    track: str | None
    key: str | None
    columns: tuple[Column, ...]
    ranked_by: int
    rows: tuple[Row, ...]
    apart: tuple[Row, ...]


def board(benchmark: Benchmark, track: str | None = None, ranked_by: int = 0) -> Board:
    """The board of a benchmark, of all its tracks or one. Raises IndexError for a column there is not."""
    column = benchmark.columns[ranked_by]
    key = current_key(benchmark.name)
    entries = _entries(benchmark.name, track)
    comparable = _newest(entry for entry in entries if entry.keys == {key})
    others = _newest(entry for entry in entries if entry.keys != {key})
    return Board(
        benchmark=benchmark,
        track=track,
        key=key,
        columns=benchmark.columns,
        ranked_by=ranked_by,
        rows=tuple(_rows(benchmark, column, comparable)),
        apart=tuple(_apart(benchmark, others)),
    )


def current_key(benchmark: str) -> str | None:
    """The comparability key of the data that workers evaluate on now; None before any worker said so."""
    return BenchmarkData.objects.filter(benchmark=benchmark, current=True).values_list("key", flat=True).first()


def current_data(benchmark: str) -> BenchmarkData | None:
    """What workers say about the benchmark's data now: classes, counts, fingerprint."""
    return BenchmarkData.objects.filter(benchmark=benchmark, current=True).first()


def entry_of(submission: Submission) -> Entry:
    """The figures of one submission, over those of its runs that have succeeded."""
    runs = [run for run in submission.runs.all() if run.state is Status.SUCCEEDED]
    trials = [{(s.metric, s.domain): Figure(value=s.value, stderr=s.stderr) for s in run.scores.all()} for run in runs]
    keys = frozenset(run.comparability_key for run in runs)
    labels = labels_of(submission.kind, [run.probes for run in runs])
    return Entry(submission=submission, figures=aggregate(trials), keys=keys, labels=labels)


def _entries(benchmark: str, track: str | None) -> list[Entry]:
    """Submissions of which every run has succeeded, newest first."""
    found = Submission.objects.filter(benchmark=benchmark)
    if track is not None:
        found = found.filter(track=track)
    done = found.annotate(total=Count("runs"), good=Count("runs", filter=Q(runs__status=Status.SUCCEEDED))).filter(
        total=F("good"), total__gt=0
    )
    runs = Prefetch("runs", Run.objects.prefetch_related("scores"))
    listed = done.select_related("owner", "method", "upload").prefetch_related(runs).order_by("-created_at", "-id")
    return [entry_of(submission) for submission in listed]


def _newest(entries: Iterable[Entry]) -> list[Entry]:
    """Only the newest of what one person submitted several times unchanged; expects the newest first."""
    kept: dict[tuple[int, str], Entry] = {}
    for entry in entries:
        kept.setdefault((entry.submission.owner_id, entry.submission.identity), entry)
    return list(kept.values())


def _rows(benchmark: Benchmark, column: Column, entries: Sequence[Entry]) -> Iterable[Row]:
    metric = benchmark.metric(column.metric)
    pairs = [(entry, entry.figure(column)) for entry in entries]
    for placed in rank(pairs, higher_is_better=metric.higher_is_better, title=column.title):
        yield Row(
            entry=placed.item,
            rank=placed.rank,
            reason=placed.reason,
            tied_with_best=placed.tied_with_best,
            figures=_figures(benchmark, placed.item),
        )


def _apart(benchmark: Benchmark, entries: Sequence[Entry]) -> Iterable[Row]:
    for entry in entries:
        version = entry.submission.benchmark_version
        known = "other data" if version == benchmark.version else f"version {version} of the benchmark"
        reason = f"not comparable: evaluated on {known}"
        yield Row(entry=entry, rank=None, reason=reason, tied_with_best=False, figures=_figures(benchmark, entry))


def _figures(benchmark: Benchmark, entry: Entry) -> tuple[Figure | None, ...]:
    return tuple(entry.figure(column) for column in benchmark.columns)
