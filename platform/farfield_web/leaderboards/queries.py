"""Boards, read from the database and handed to `ranking`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg, JSONBAgg
from django.db.models import Count, Q, QuerySet

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.figure import Figure
from farfield_evaluators.standing import Standing
from farfield_web import published
from farfield_web.leaderboards.curves import Point, curve_of
from farfield_web.leaderboards.differences import Entered, differences
from farfield_web.leaderboards.labels import is_verified, labels_for
from farfield_web.leaderboards.models import Comparison
from farfield_web.leaderboards.places import Place, comparison_of, places_of
from farfield_web.leaderboards.progress import Progress, missing_of, why_struck, why_unfinished
from farfield_web.leaderboards.ranking import rank
from farfield_web.leaderboards.standing import spread_at, standing_of
from farfield_web.runs.figures import Key
from farfield_web.runs.figures import by_submission as figures_by_submission
from farfield_web.runs.status import Status
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import BenchmarkData, Submission
from farfield_web.submissions.rulings import taken_off


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A submission with its figures over all trials, and what must stand beside them; it may be under way.

    `curve` holds the figures of the same trainings at other points. They stand beside the entry, and are never ranked.
    `standing` is what it is by the rules of its benchmark's authors, where they have some.
    """

    submission: Submission
    figures: Mapping[Key, Figure]
    keys: frozenset[str]
    labels: tuple[str, ...] = ()
    progress: Progress = field(default_factory=Progress)
    curve: tuple[Point, ...] = ()
    standing: Standing | None = None

    def figure(self, column: Column) -> Figure | None:
        return self.figures.get((column.metric, column.domain))

    @property
    def verified(self) -> bool:
        """Whether it was run here: only then are its figures those of what it says it is."""
        return is_verified(self.submission.kind)

    @property
    def published(self) -> "Entry":
        """With figures as they may leave the site: to be called once the ranks are made."""
        spread = spread_at(self.submission)
        figures = {key: published.rounded(figure, spread) for key, figure in self.figures.items()}
        return replace(self, figures=figures, curve=tuple(point.published for point in self.curve))


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a board: `figures` has one item per column, None where there is no result.

    Ranks were made at full precision; all figures in here, those of the entry too, are as they may leave the site.
    `differs` holds the settings in which it differs from other entries of its method on this board. `place` is what its
    rank may be beyond chance, once it was compared with the others.
    """

    entry: Entry
    rank: int | None
    reason: str
    tied_with_best: bool
    figures: tuple[Figure | None, ...]
    differs: Mapping[str, Any] = field(default_factory=dict)
    place: Place | None = None


@dataclass(frozen=True, kw_only=True)
class Board:
    """Ranked by `columns[ranked_by]`. `apart` holds results on other data or another protocol: not comparable.

    Where there are tiers, a board is of one. Entries that are under way stand behind all others, without a rank.
    `has_unverified` says whether entries that were not run here belong to it, even where they are left out.
    """

    benchmark: Benchmark
    track: str | None
    tier: str
    key: str | None
    columns: tuple[Column, ...]
    ranked_by: int
    rows: tuple[Row, ...]
    apart: tuple[Row, ...]
    verified_only: bool = False
    has_unverified: bool = False


def board(
    benchmark: Benchmark, track: str | None = None, ranked_by: int = 0, tier: str = "", *, verified_only: bool = False
) -> Board:
    """The board of a benchmark, of all its tracks or one; in a tier where it has some, the first when left empty.

    With `verified_only` entries that were not run here are left out, and the others are ranked among themselves.

    Raises IndexError for a column there is not, KeyError for a tier there is not.
    """
    column, tier = benchmark.columns[ranked_by], tier_of(benchmark, tier)
    key = current_key(benchmark, tier)
    done, under_way = _entries(benchmark, track, tier)
    done, under_way, struck = _without_struck(done, under_way)
    has_unverified = any(not entry.verified for entry in (*done, *under_way))
    if verified_only:
        done, under_way = _verified(done), _verified(under_way)
    comparable = _newest(entry for entry in done if entry.keys == {key})
    others = _newest(entry for entry in done if entry.keys != {key})
    unfinished = _unfinished(under_way, [*comparable, *others], key)
    missing = missing_of(one.submission.pk for one in unfinished)
    rows = [*_rows(benchmark, column, comparable, comparison_of(benchmark.name, tier, key, column))]
    rows += [
        _row(benchmark, one, why_unfinished(benchmark, one.progress, missing.get(one.submission.pk, ())))
        for one in unfinished
    ]
    rows += [_row(benchmark, entry, reason) for entry, reason in struck]
    return Board(
        benchmark=benchmark,
        track=track,
        tier=tier,
        key=key,
        columns=benchmark.columns,
        ranked_by=ranked_by,
        rows=_told_apart(rows),
        apart=_told_apart(_apart(benchmark, others)),
        verified_only=verified_only,
        has_unverified=has_unverified,
    )


def comparable_entries(benchmark: Benchmark, tier: str = "") -> list[Entry]:
    """Those that the board of all tracks ranks, at full precision, newest first."""
    done, _, _ = _without_struck(*_entries(benchmark, None, tier))
    key = current_key(benchmark, tier)
    return _newest(entry for entry in done if entry.keys == {key})


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
    return _entries_of(_with_facts(Submission.objects.filter(pk=submission.pk)))[0]


def _with_facts(submissions: QuerySet[Submission]) -> list[Any]:
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


def _entries(benchmark: Benchmark, track: str | None, tier: str) -> tuple[list[Entry], list[Entry]]:
    """(finished, under way), newest first. Finished is what has every run succeeded; under way, what has a figure."""
    chosen = Submission.objects.filter(benchmark=benchmark.name, tier=tier)
    if track is not None:
        chosen = chosen.filter(track=track)
    entries = _entries_of(_with_facts(chosen))
    done = [entry for entry in entries if entry.progress.is_done]
    return done, [entry for entry in entries if not entry.progress.is_done and entry.figures]


def _entries_of(submissions: Sequence[Any]) -> list[Entry]:
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


def _without_struck(
    done: Sequence[Entry], under_way: Sequence[Entry]
) -> tuple[list[Entry], list[Entry], list[tuple[Entry, str]]]:
    """What stands, done and under way, and what the operator took off: without its figures, and with the reason."""
    off = taken_off(entry.submission for entry in (*done, *under_way))
    struck = [
        (replace(entry, figures={}, curve=(), standing=None), why_struck(ruling))
        for entry in (*done, *under_way)
        if (ruling := off.get(entry.submission.pk))
    ]
    return _standing(done, off), _standing(under_way, off), struck


def _standing(entries: Iterable[Entry], off: Collection[Any]) -> list[Entry]:
    return [entry for entry in entries if entry.submission.pk not in off]


def _unfinished(under_way: Sequence[Entry], done: Sequence[Entry], key: str | None) -> list[Entry]:
    """The newest of each that are comparable so far, and not of what the same person has finished already."""
    finished = {(entry.submission.owner_id, entry.submission.identity) for entry in done}
    newest = _newest(entry for entry in under_way if entry.keys == {key})
    return [entry for entry in newest if (entry.submission.owner_id, entry.submission.identity) not in finished]


def _newest(entries: Iterable[Entry]) -> list[Entry]:
    """Only the newest of what one person submitted several times unchanged; expects the newest first."""
    kept: dict[tuple[int, str], Entry] = {}
    for entry in entries:
        kept.setdefault((entry.submission.owner_id, entry.submission.identity), entry)
    return list(kept.values())


def _rows(
    benchmark: Benchmark, column: Column, entries: Sequence[Entry], comparison: Comparison | None
) -> Iterable[Row]:
    higher = benchmark.metric(column.metric).higher_is_better
    pairs = [(entry, entry.figure(column)) for entry in entries]
    ranked = rank(pairs, higher_is_better=higher, title=column.title)
    figures = {one.item.submission.pk: one.item.figure(column) for one in ranked if one.rank is not None}
    values = {key: figure.value for key, figure in figures.items() if figure is not None}
    places = places_of(values, comparison, higher_is_better=higher)
    for one in ranked:
        row = _row(benchmark, one.item, one.reason, one.rank, one.tied_with_best)
        place = places.get(one.item.submission.pk)
        yield row if place is None else replace(row, place=place, tied_with_best=place.with_best)


def _verified(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.verified]


def _told_apart(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The same rows, each with what tells it from the others of its method."""
    listed = list(rows)
    found = differences(_entered(row.entry.submission) for row in listed)
    return tuple(replace(row, differs=found[row.entry.submission.pk]) for row in listed)


def _entered(one: Submission) -> Entered:
    content = "" if one.kind == Kind.PREDICTIONS else one.content
    return Entered(key=one.pk, method=one.display_name, version=one.method_version, content=content, config=one.config)


def _apart(benchmark: Benchmark, entries: Sequence[Entry]) -> Iterable[Row]:
    for entry in entries:
        version = entry.submission.benchmark_version
        known = "other data" if version == benchmark.version else f"version {version} of the benchmark"
        yield _row(benchmark, entry, f"not comparable: evaluated on {known}")


def _row(benchmark: Benchmark, entry: Entry, reason: str, rank: int | None = None, tied: bool = False) -> Row:
    shown = entry.published
    figures = tuple(shown.figure(column) for column in benchmark.columns)
    return Row(entry=shown, rank=rank, reason=reason, tied_with_best=tied, figures=figures)
