"""Boards in the order of a column, kept by revision: whoever reads one after a change makes it, and all others read it.

Two reasons why none that is read is stale: a change is a row of its own transaction, and a standing counts for exactly
the revision that it was made at.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, Max, Min, OuterRef, QuerySet

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.catalog import catalog
from farfield_evaluators.figure import Figure
from farfield_web.leaderboards.arrangement import Arranged, Candidate, arranged
from farfield_web.leaderboards.differences import Entered, differing
from farfield_web.leaderboards.facets import facets_of
from farfield_web.leaderboards.lines import remake
from farfield_web.leaderboards.models import BoardChange, BoardLine, BoardState, ColumnStanding, StandingPlace
from farfield_web.leaderboards.places import Place, comparison_of, places_of
from farfield_web.leaderboards.ranking import rank
from farfield_web.leaderboards.reading import current_key
from farfield_web.leaderboards.selection import VERIFIED
from farfield_web.runs.models import SubmissionFigure

FORM = 4  # of lines and standings: code that makes others makes all of them again
GENERATIONS = 2  # of a column's standings that are kept: a reader may be at the one before
Part = StandingPlace.Part
_MADE_BY: dict[str, tuple[Benchmark, str]] = {}
_INSERT = """
INSERT INTO leaderboards_standingplace
(standing_id, position, line_id, part, rank, tied_with_best, low, high, tie_tier, paired)
SELECT %s, * FROM unnest(
%s::int[], %s::uuid[], %s::smallint[], %s::int[], %s::bool[], %s::int[], %s::int[], %s::int[], %s::bool[])
"""


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """A row that is to be stored."""

    line: uuid.UUID
    part: Part
    rank: int | None = None
    tied_with_best: bool = False
    place: Place | None = None


def standing_of_column(benchmark: Benchmark, tier: str, column: Column) -> ColumnStanding:
    """The board in the order of a column as it is now, in one query where nothing changed since it was made."""
    return _known(benchmark, tier, column) or _made(benchmark, tier, column)


def headline_standings(boards: Iterable[tuple[Benchmark, str]]) -> list[ColumnStanding]:
    """Those of the headlines of these boards, in their order, with their states; in one query where all are there."""
    wanted = [(benchmark, tier, benchmark.columns[0]) for benchmark, tier in boards]
    names = {
        (benchmark.name, tier): (column.metric, column.domain, made_by(benchmark)) for benchmark, tier, column in wanted
    }
    known = {
        (one.state.benchmark, one.state.tier): one
        for one in _current().filter(state__benchmark__in={name for name, _ in names})
        if names.get((one.state.benchmark, one.state.tier)) == (one.metric, one.domain, one.state.made_by)
    }
    return [known.get((benchmark.name, tier)) or _made(benchmark, tier, column) for benchmark, tier, column in wanted]


def comparable_lines(standing: ColumnStanding) -> QuerySet[BoardLine]:
    """Those of the entries that the board holds against each other, newest first."""
    comparable = BoardLine.objects.filter(
        places__standing=standing, places__part__in=(Part.RANKED, Part.WITHOUT_FIGURE)
    )
    return comparable.order_by("-entered_at", "-pk")


def made_by(benchmark: Benchmark) -> str:
    """A hash of what lines and standings are made by, apart from what is in the database."""
    known = _MADE_BY.get(benchmark.name)
    if known is None or known[0] is not benchmark:
        known = _MADE_BY[benchmark.name] = benchmark, _hash_of(benchmark)
    return known[1]


def _hash_of(benchmark: Benchmark) -> str:
    owner = catalog().owners.get(benchmark.name)
    facts = [FORM, benchmark.version, owner.identity.as_json() if owner else None]
    facts += [[column.metric, column.domain, column.title] for column in benchmark.columns]
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def _current() -> Any:
    waiting = BoardChange.objects.filter(benchmark=OuterRef("state__benchmark"), tier=OuterRef("state__tier"))
    current = ColumnStanding.objects.filter(revision=F("state__revision")).exclude(Exists(waiting))
    return current.select_related("state")


def _known(benchmark: Benchmark, tier: str, column: Column) -> ColumnStanding | None:
    of_board = _current().filter(state__benchmark=benchmark.name, state__tier=tier, state__made_by=made_by(benchmark))
    known: ColumnStanding | None = of_board.filter(metric=column.metric, domain=column.domain).first()
    return known


@transaction.atomic
def _made(benchmark: Benchmark, tier: str, column: Column) -> ColumnStanding:
    """Take in what changed, and make the standing; of several readers at once one does, and the others wait for it."""
    state, now = _settled(benchmark, tier)
    own = state.standings.filter(metric=column.metric, domain=column.domain)
    there = own.filter(revision=state.revision).first()
    if there is not None:
        return there
    made = _stored(state, column, benchmark, now)
    kept = own.order_by("-revision").values_list("pk", flat=True)[:GENERATIONS]
    own.exclude(pk__in=list(kept)).delete()
    return made


def _settled(benchmark: Benchmark, tier: str) -> tuple[BoardState, Arranged[BoardLine] | None]:
    """The state of a board, its row locked, with lines that take in all changes that were committed before; and how
    they are arranged, where that was looked at.
    """
    BoardState.objects.get_or_create(benchmark=benchmark.name, tier=tier)
    state = BoardState.objects.select_for_update().get(benchmark=benchmark.name, tier=tier)
    changes = list(BoardChange.objects.filter(benchmark=benchmark.name, tier=tier))
    other_code = state.made_by != made_by(benchmark)
    if not changes and not other_code:
        return state, None
    BoardChange.objects.filter(pk__in=[change.pk for change in changes]).delete()
    named = {change.submission for change in changes if change.lines}
    if other_code or None in named:
        remake(benchmark.name, tier, None)
    elif named:
        remake(benchmark.name, tier, [key for key in named if key is not None])
    now = _arranged(_lines(benchmark.name, tier).defer("text", "entered_at"), current_key(benchmark, tier))
    board = [*now.comparable, *now.unfinished, *now.struck]
    state.facets, state.differing = facets_of(board), {"board": _differing(board), "apart": _differing(now.apart)}
    state.revision, state.made_by = state.revision + max(1, len(changes)), made_by(benchmark)
    state.save()
    return state, now


def _lines(benchmark: str, tier: str) -> QuerySet[BoardLine]:
    return BoardLine.objects.filter(benchmark=benchmark, tier=tier).order_by("-entered_at", "-pk")


def _differing(lines: Iterable[BoardLine]) -> dict[str, list[str]]:
    entries = (
        Entered(key=one.pk, method=one.method, version=one.version, content=one.content, config=one.config)
        for one in lines
    )
    return {method: list(names) for method, names in differing(entries).items() if names}


def _arranged(lines: Iterable[BoardLine], key: str | None) -> Arranged[BoardLine]:
    candidates = (
        Candidate(
            item=one, entrant=(one.owner, one.identity), done=one.done, keys=frozenset(one.keys), struck=one.struck
        )
        for one in lines
    )
    return arranged(candidates, key)


def _stored(
    state: BoardState, column: Column, benchmark: Benchmark, known: Arranged[BoardLine] | None
) -> ColumnStanding:
    key = current_key(benchmark, state.tier)
    few = ("owner", "identity", "done", "keys", "struck", "badges")
    now = known or _arranged(_lines(state.benchmark, state.tier).only(*few), key)
    rows = list(_rows(now, benchmark, column, state.tier, key))
    standing = ColumnStanding.objects.create(
        state=state,
        metric=column.metric,
        domain=column.domain,
        revision=state.revision,
        key=key,
        entries=len(rows) - len(now.apart),
        ranked=sum(row.rank is not None for row in rows),
        apart=len(now.apart),
        has_unverified=any(VERIFIED not in one.badges for one in (*now.comparable, *now.unfinished)),
        paired=any(row.place is not None and row.place.paired for row in rows),
    )
    _insert(standing, rows)
    standing.bests = _bests(benchmark, standing)
    standing.save(update_fields=["bests"])
    return standing


def _rows(
    now: Arranged[BoardLine], benchmark: Benchmark, column: Column, tier: str, key: str | None
) -> Iterator[Ranked]:
    yield from _compared([one.pk for one in now.comparable], benchmark, column, tier, key)
    for part, lines in ((Part.UNFINISHED, now.unfinished), (Part.STRUCK, now.struck), (Part.APART, now.apart)):
        for one in lines:
            yield Ranked(line=one.pk, part=part)


def _compared(
    keys: Sequence[uuid.UUID], benchmark: Benchmark, column: Column, tier: str, key: str | None
) -> Iterator[Ranked]:
    figures = _figures(benchmark.name, tier, column)
    higher = benchmark.metric(column.metric).higher_is_better
    placed = rank([(one, figures.get(one)) for one in keys], higher_is_better=higher, title=column.title)
    values = {one.item: figures[one.item].value for one in placed if one.rank is not None}
    places = places_of(values, comparison_of(benchmark.name, tier, key, column), higher_is_better=higher)
    for one in placed:
        place = places.get(one.item)
        yield Ranked(
            line=one.item,
            part=Part.WITHOUT_FIGURE if one.rank is None else Part.RANKED,
            rank=one.rank,
            tied_with_best=one.tied_with_best if place is None else place.with_best,
            place=place,
        )


def _figures(benchmark: str, tier: str, column: Column) -> Mapping[uuid.UUID, Figure]:
    rows = SubmissionFigure.objects.filter(
        metric=column.metric,
        domain=column.domain,
        submission__board_line__benchmark=benchmark,
        submission__board_line__tier=tier,
    )
    return {
        key: Figure(metric=column.metric, domain=column.domain, value=value, stderr=stderr, n=None)
        for key, value, stderr in rows.order_by().values_list("submission_id", "value", "stderr")
    }


def _bests(benchmark: Benchmark, standing: ColumnStanding) -> list[float | None]:
    """Of each column of the board the best figure of the ranked rows."""
    columns = benchmark.columns
    rows = SubmissionFigure.objects.filter(
        submission__board_line__places__standing=standing,
        submission__board_line__places__part=Part.RANKED,
        metric__in={column.metric for column in columns},
        domain__in={column.domain for column in columns},
    )
    found = rows.order_by().values_list("metric", "domain").annotate(Max("value"), Min("value"))
    ends = {(metric, domain): (high, low) for metric, domain, high, low in found}
    better = (0 if benchmark.metric(column.metric).higher_is_better else 1 for column in columns)
    return [
        ends[column.metric, column.domain][end] if (column.metric, column.domain) in ends else None
        for column, end in zip(columns, better, strict=True)
    ]


def _insert(standing: ColumnStanding, rows: Sequence[Ranked]) -> None:
    places = [row.place for row in rows]
    columns: list[list[Any]] = [
        list(range(len(rows))),
        [str(row.line) for row in rows],
        [int(row.part) for row in rows],
        [row.rank for row in rows],
        [row.tied_with_best for row in rows],
        [place.low if place else None for place in places],
        [place.high if place else None for place in places],
        [place.tier if place else None for place in places],
        [bool(place and place.paired) for place in places],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [standing.pk, *columns])
