"""What of many boards stands on one page: the first rows of each, and the entries of one method on all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks as known_benchmarks
from farfield_web.leaderboards.board_pages import entries_at, rows_of
from farfield_web.leaderboards.models import ColumnStanding, StandingPlace
from farfield_web.leaderboards.rows import Row
from farfield_web.leaderboards.standings import headline_standings, rank_columns
from farfield_web.submissions.models import Method, Submission

Part = StandingPlace.Part


@dataclass(frozen=True, kw_only=True)
class Top:
    """Some rows of a board by its headline, of `entries` that it has and `ranked` of these; `chosen` as many as asked.

    `chosen` counts those of which `rows` are the best.
    """

    benchmark: Benchmark
    tier: str
    entries: int
    ranked: int
    rows: tuple[Row, ...]
    chosen: int


def fullest(benchmarks: Iterable[Benchmark], count: int) -> list[Top]:
    """Of each benchmark that has entries the board with most ranked ones, with its first rows; of equals the first."""
    tops = []
    for benchmark, of in _by_benchmark(benchmarks, Submission.objects.all()):
        filled = [standing for standing in of if standing.entries]
        if filled:
            tops.append((benchmark, max(filled, key=lambda standing: standing.ranked)))
    first = StandingPlace.objects.filter(standing__in=[standing for _, standing in tops], position__lt=count)
    ranked = first.filter(part=Part.RANKED).order_by("position")
    return _tops(tops, ranked, {standing.pk: standing.ranked for _, standing in tops})


def rank_entered(entered: QuerySet[Submission]) -> int:
    """Rank the boards of these submissions by their headlines where they are not yet; how many boards they are on.

    The site worker's work after a change, so that the first reader need not wait for it.
    """
    return sum(len(of) for _, of in _by_benchmark(known_benchmarks(), entered))


def rank_asked(entered: QuerySet[Submission]) -> int:
    """Rank them by the other columns that readers have asked for, too, as long as nothing changes; how many boards."""
    boards = _entered_boards(known_benchmarks(), entered)
    for benchmark, tier in boards:
        rank_columns(benchmark, tier)
    return len(boards)


def of_method(method: Method, benchmarks: Iterable[Benchmark], count: int) -> list[Top]:
    """The boards on which a method has entries, with its best ones."""
    entered = Submission.objects.filter(method=method)
    boards = [(benchmark, standing) for benchmark, of in _by_benchmark(benchmarks, entered) for standing in of]
    places = StandingPlace.objects.filter(
        standing__in=[standing for _, standing in boards], line__submission__method=method, part__lt=Part.APART
    )
    counts = dict(places.order_by().values_list("standing").annotate(Count("pk")))
    numbered = places.annotate(
        number=Window(RowNumber(), partition_by=F("standing"), order_by=F("position").asc())
    ).filter(number__lte=count)
    there = [(benchmark, standing) for benchmark, standing in boards if standing.pk in counts]
    return _tops(there, numbered.order_by("position"), counts)


def _by_benchmark(
    benchmarks: Iterable[Benchmark], entered: QuerySet[Submission]
) -> list[tuple[Benchmark, list[ColumnStanding]]]:
    boards = _entered_boards(benchmarks, entered)
    found: dict[str, tuple[Benchmark, list[ColumnStanding]]] = {}
    for (benchmark, _), standing in zip(boards, headline_standings(boards), strict=True):
        found.setdefault(benchmark.name, (benchmark, []))[1].append(standing)
    return list(found.values())


def _entered_boards(benchmarks: Iterable[Benchmark], entered: QuerySet[Submission]) -> list[tuple[Benchmark, str]]:
    """The boards that something was entered for: the others need no standing."""
    filled = set(entered.order_by().values_list("benchmark", "tier").distinct())
    return [
        (benchmark, tier)
        for benchmark in benchmarks
        for tier in [tier.name for tier in benchmark.plan.tiers] or [""]
        if (benchmark.name, tier) in filled
    ]


def _tops(
    boards: Sequence[tuple[Benchmark, ColumnStanding]], places: QuerySet[StandingPlace], counts: dict[int, int]
) -> list[Top]:
    listed = list(places)
    entries = entries_at(listed, [column for benchmark, _ in boards for column in benchmark.columns])
    return [
        Top(
            benchmark=benchmark,
            tier=standing.state.tier,
            entries=standing.entries,
            ranked=standing.ranked,
            rows=rows_of(
                benchmark,
                benchmark.columns[0],
                standing,
                [place for place in listed if place.standing_id == standing.pk],
                entries,
            ),
            chosen=counts[standing.pk],
        )
        for benchmark, standing in boards
    ]
