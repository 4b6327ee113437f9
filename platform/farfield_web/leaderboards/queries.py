"""Boards, read from the database and handed to `ranking`."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_web.leaderboards.board_pages import BoardPage, chosen, column_of, facets_of
from farfield_web.leaderboards.differences import Entered, differences
from farfield_web.leaderboards.models import Comparison
from farfield_web.leaderboards.places import comparison_of, places_of
from farfield_web.leaderboards.progress import missing_of, why_struck, why_unfinished
from farfield_web.leaderboards.ranking import rank
from farfield_web.leaderboards.reading import (
    current_data,
    current_key,
    entries_of,
    entry_of,
    row_of,
    tier_of,
    with_data,
    with_facts,
)
from farfield_web.leaderboards.revision import revision_of
from farfield_web.leaderboards.rows import Board, Entry, Row
from farfield_web.leaderboards.selection import Selection
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Submission
from farfield_web.submissions.rulings import taken_off

__all__ = [
    "Board",
    "BoardPage",
    "Entry",
    "Row",
    "board",
    "board_page",
    "comparable_entries",
    "current_data",
    "current_key",
    "entry_of",
    "tier_of",
    "with_data",
]


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
        row_of(benchmark, one, why_unfinished(benchmark, one.progress, missing.get(one.submission.pk, ())))
        for one in unfinished
    ]
    rows += [row_of(benchmark, entry, reason) for entry, reason in struck]
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


def board_page(benchmark: Benchmark, tier: str, selection: Selection) -> BoardPage:
    """The page of a board that a selection asks for; past the last one there are no rows.

    Raises LookupError for a tier or a column there is not.
    """
    column, tier = column_of(benchmark, selection), tier_of(benchmark, tier)
    revision = revision_of(benchmark.name, tier)
    whole = board(benchmark, None, benchmark.columns.index(column), tier)
    rows = chosen(whole.apart if selection.apart else whole.rows, selection)
    first = (selection.page - 1) * selection.size
    return BoardPage(
        benchmark=benchmark,
        tier=tier,
        key=whole.key,
        column=column,
        rows=tuple(rows[first : first + selection.size]),
        total=len(rows),
        pages=-(-len(rows) // selection.size),
        page=selection.page,
        facets=facets_of(whole.rows),
        entries=len(whole.rows),
        ranked=sum(row.rank is not None for row in whole.rows),
        apart=len(whole.apart),
        revision=revision,
        has_unverified=whole.has_unverified,
    )


def comparable_entries(benchmark: Benchmark, tier: str = "") -> list[Entry]:
    """Those that the board of all tracks ranks, at full precision, newest first."""
    done, _, _ = _without_struck(*_entries(benchmark, None, tier))
    key = current_key(benchmark, tier)
    return _newest(entry for entry in done if entry.keys == {key})


def _entries(benchmark: Benchmark, track: str | None, tier: str) -> tuple[list[Entry], list[Entry]]:
    """(finished, under way), newest first. Finished is what has every run succeeded; under way, what has a figure."""
    chosen = Submission.objects.filter(benchmark=benchmark.name, tier=tier)
    if track is not None:
        chosen = chosen.filter(track=track)
    entries = entries_of(with_facts(chosen))
    done = [entry for entry in entries if entry.progress.is_done]
    return done, [entry for entry in entries if not entry.progress.is_done and entry.figures]


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
        row = row_of(benchmark, one.item, one.reason, one.rank, one.tied_with_best)
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
        yield row_of(benchmark, entry, f"not comparable: evaluated on {known}")
