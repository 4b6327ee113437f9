"""Boards, read from the database and handed to `ranking`."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_web.leaderboards.arrangement import Arranged, Candidate, arranged
from farfield_web.leaderboards.board_pages import BoardPage, board_page, selected
from farfield_web.leaderboards.differences import differences
from farfield_web.leaderboards.models import Comparison
from farfield_web.leaderboards.off import why_off
from farfield_web.leaderboards.places import comparison_of, places_of
from farfield_web.leaderboards.progress import missing_of, why_unfinished
from farfield_web.leaderboards.ranking import rank
from farfield_web.leaderboards.reading import (
    current_data,
    current_key,
    entered,
    entries_of,
    entry_of,
    row_of,
    tier_of,
    why_apart,
    with_data,
    with_facts,
)
from farfield_web.leaderboards.rows import Board, Entry, Row
from farfield_web.runs.models import SubmissionFigure
from farfield_web.submissions.models import Submission

__all__ = [
    "Board",
    "BoardPage",
    "Entry",
    "Row",
    "board",
    "board_page",
    "current_data",
    "current_key",
    "entry_of",
    "selected",
    "tier_of",
    "with_data",
]


def board(
    benchmark: Benchmark,
    track: str | None = None,
    ranked_by: int = 0,
    tier: str = "",
    *,
    verified_only: bool = False,
    beside: Collection[Column] | None = None,
) -> Board:
    """The board of a benchmark, of all its tracks or one; in a tier where it has some, the first when left empty.

    With `verified_only` entries that were not run here are left out, and the others are ranked among themselves.
    Entries have the figures of the board's columns and those `beside` them; with None all that they have.

    Raises IndexError for a column there is not, KeyError for a tier there is not.
    """
    column, tier = benchmark.columns[ranked_by], tier_of(benchmark, tier)
    key = current_key(benchmark, tier)
    chosen = Submission.objects.filter(benchmark=benchmark.name, tier=tier)
    columns = None if beside is None else [*benchmark.columns, *beside]
    entries = _entries(chosen if track is None else chosen.filter(track=track), columns)
    off = _off(entries)
    seen = [entry for entry in entries if entry.verified or not verified_only or entry.submission.pk in off]
    now = _arranged(seen, off, key)
    missing = missing_of(one.submission.pk for one in now.unfinished)
    rows = [*_rows(benchmark, column, now.comparable, comparison_of(benchmark.name, tier, key, column))]
    rows += [
        row_of(benchmark, one, why_unfinished(benchmark, one.progress, missing.get(one.submission.pk, ())))
        for one in now.unfinished
    ]
    rows += [row_of(benchmark, one.struck, off[one.submission.pk]) for one in now.struck]
    return Board(
        benchmark=benchmark,
        track=track,
        tier=tier,
        key=key,
        columns=benchmark.columns,
        ranked_by=ranked_by,
        rows=_told_apart(rows),
        apart=_told_apart(row_of(benchmark, one, why_apart(benchmark, one.submission)) for one in now.apart),
        verified_only=verified_only,
        has_unverified=any(not entry.verified for entry in entries if entry.submission.pk not in off),
    )


def _entries(submissions: QuerySet[Submission], columns: Collection[Column] | None) -> list[Entry]:
    """Those that have every run succeeded, and those under way that have a figure, newest first."""
    entries = entries_of(with_facts(submissions), columns)
    under_way = [entry.submission.pk for entry in entries if not entry.progress.is_done]
    having = set(SubmissionFigure.objects.filter(submission__in=under_way).values_list("submission", flat=True))
    return [entry for entry in entries if entry.progress.is_done or entry.submission.pk in having]


def _off(entries: Sequence[Entry]) -> dict[UUID, str]:
    held = {entry.submission.pk: entry.held for entry in entries if entry.held}
    return why_off((entry.submission for entry in entries), held)


def _arranged(entries: Iterable[Entry], off: Collection[Any], key: str | None) -> Arranged[Entry]:
    candidates = (
        Candidate(
            item=entry,
            entrant=(entry.submission.owner_id, entry.submission.identity),
            done=entry.progress.is_done,
            keys=entry.keys,
            struck=entry.submission.pk in off,
        )
        for entry in entries
    )
    return arranged(candidates, key)


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


def _told_apart(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The same rows, each with what tells it from the others of its method."""
    listed = list(rows)
    found = differences(entered(row.entry.submission) for row in listed)
    return tuple(replace(row, differs=found[row.entry.submission.pk]) for row in listed)
