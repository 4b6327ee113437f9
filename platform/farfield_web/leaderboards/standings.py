"""Boards in the order of a column, kept by revision: whoever reads one after a change makes it, and all others read it.

Two reasons why none that is read is stale: a change is a row of its own transaction, and a standing counts for exactly
the revision that it was made at.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, Max, Min, OuterRef, QuerySet

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.catalog import catalog
from farfield_web.leaderboards.arrangement import Arranged, Candidate, arranged
from farfield_web.leaderboards.differences import Entered, differing
from farfield_web.leaderboards.facets import facets_of
from farfield_web.leaderboards.lines import remake
from farfield_web.leaderboards.models import (
    BoardChange,
    BoardLine,
    BoardState,
    ColumnStanding,
    Comparison,
    StandingPlace,
)
from farfield_web.leaderboards.places import Place, comparison_of, places_of
from farfield_web.leaderboards.plain_lines import Arranging, Telling, arranging, telling
from farfield_web.leaderboards.ranking import rank
from farfield_web.leaderboards.reading import current_key
from farfield_web.leaderboards.selection import VERIFIED

FORM = 5  # of lines and standings: code that makes others makes all of them again
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

    line: str
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


def rank_columns(benchmark: Benchmark, tier: str) -> None:
    """Rank the board by every column that a reader has asked for before, until something else changes it.

    The site worker's work, when the headline is ranked: a change that comes meanwhile asks for it again.
    """
    waiting = BoardChange.objects.filter(benchmark=benchmark.name, tier=tier)
    before = ColumnStanding.objects.filter(state__benchmark=benchmark.name, state__tier=tier)
    asked = set(before.order_by().values_list("metric", "domain").distinct())
    for column in dict.fromkeys(benchmark.columns):
        if (column.metric, column.domain) in asked and not waiting.exists():
            standing_of_column(benchmark, tier, column)


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
    state, has_changed = _settled(benchmark, tier)
    own = state.standings.filter(metric=column.metric, domain=column.domain)
    there = own.filter(revision=state.revision).first()
    if there is not None and not has_changed:
        return there
    key = current_key(benchmark, tier)
    now = _arranged(arranging(benchmark, tier, column), key)
    if has_changed:
        _describe(state, now, telling(benchmark, tier))
    made = _stored(state, column, benchmark, now, key)
    kept = own.order_by("-revision").values_list("pk", flat=True)[:GENERATIONS]
    own.exclude(pk__in=list(kept)).delete()
    return made


def _settled(benchmark: Benchmark, tier: str) -> tuple[BoardState, bool]:
    """The state of a board, its row locked, with lines that take in all changes that were committed before; and
    whether there were any, so that it is of a new revision and has yet to be described.
    """
    BoardState.objects.get_or_create(benchmark=benchmark.name, tier=tier)
    state = BoardState.objects.select_for_update().get(benchmark=benchmark.name, tier=tier)
    changes = list(BoardChange.objects.filter(benchmark=benchmark.name, tier=tier))
    other_code = state.made_by != made_by(benchmark)
    if not changes and not other_code:
        return state, False
    BoardChange.objects.filter(pk__in=[change.pk for change in changes]).delete()
    named = {change.submission for change in changes if change.lines}
    if other_code or None in named:
        remake(benchmark, tier, None)
    elif named:
        remake(benchmark, tier, [key for key in named if key is not None])
    state.revision, state.made_by = state.revision + max(1, len(changes)), made_by(benchmark)
    return state, True


def _describe(state: BoardState, now: Arranged[Arranging], told: Mapping[str, Telling]) -> None:
    """Store what the board's rows can be filtered by, and what tells them apart."""
    board = [told[one.key] for one in (*now.comparable, *now.unfinished, *now.struck)]
    apart = [told[one.key] for one in now.apart]
    state.facets, state.differing = facets_of(board), {"board": _differing(board), "apart": _differing(apart)}
    state.save()


def _differing(lines: Iterable[Telling]) -> dict[str, list[str]]:
    entries = (
        Entered(key=one.key, method=one.method, version=one.version, content=one.content, config=one.config)
        for one in lines
    )
    return {method: list(names) for method, names in differing(entries).items() if names}


def _arranged(lines: Iterable[Arranging], key: str | None) -> Arranged[Arranging]:
    candidates = (
        Candidate(
            item=one, entrant=(one.owner, one.identity), done=one.done, keys=frozenset(one.keys), struck=one.struck
        )
        for one in lines
    )
    return arranged(candidates, key)


def _stored(
    state: BoardState, column: Column, benchmark: Benchmark, now: Arranged[Arranging], key: str | None
) -> ColumnStanding:
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
    now: Arranged[Arranging], benchmark: Benchmark, column: Column, tier: str, key: str | None
) -> Iterator[Ranked]:
    yield from _compared(now.comparable, benchmark, column, comparison_of(benchmark.name, tier, key, column))
    for part, lines in ((Part.UNFINISHED, now.unfinished), (Part.STRUCK, now.struck), (Part.APART, now.apart)):
        for one in lines:
            yield Ranked(line=one.key, part=part)


def _compared(
    lines: Sequence[Arranging], benchmark: Benchmark, column: Column, comparison: Comparison | None
) -> Iterator[Ranked]:
    higher = benchmark.metric(column.metric).higher_is_better
    placed = rank([(one, one.figure(column)) for one in lines], higher_is_better=higher, title=column.title)
    values = {one.item.key: one.item.value for one in placed if one.rank is not None and one.item.value is not None}
    places = places_of(values, comparison, higher_is_better=higher)
    for one in placed:
        place = places.get(one.item.key)
        yield Ranked(
            line=one.item.key,
            part=Part.WITHOUT_FIGURE if one.rank is None else Part.RANKED,
            rank=one.rank,
            tied_with_best=one.tied_with_best if place is None else place.with_best,
            place=place,
        )


def _bests(benchmark: Benchmark, standing: ColumnStanding) -> list[float | None]:
    """Of each column of the board the best figure of the ranked rows."""
    ranked = BoardLine.objects.filter(places__standing=standing, places__part=Part.RANKED).order_by()
    better = {
        f"best_{place}": (Max if benchmark.metric(column.metric).higher_is_better else Min)(f"values__{place}")
        for place, column in enumerate(benchmark.columns)
    }
    found = ranked.aggregate(**better)
    return [found[name] for name in better]


def _insert(standing: ColumnStanding, rows: Sequence[Ranked]) -> None:
    places = [row.place for row in rows]
    columns: list[list[Any]] = [
        list(range(len(rows))),
        [row.line for row in rows],
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
