"""A page of a board: the rows that a reader wants, with ranks of the whole board, and what can be filtered by."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from django.db.models import Case, F, IntegerField, Q, QuerySet, When

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_web.leaderboards.differences import own
from farfield_web.leaderboards.facets import Facets, read
from farfield_web.leaderboards.models import ColumnStanding, StandingPlace
from farfield_web.leaderboards.off import why_off
from farfield_web.leaderboards.places import Place
from farfield_web.leaderboards.progress import missing_of, why_unfinished
from farfield_web.leaderboards.ranking import why_without
from farfield_web.leaderboards.reading import entered, entries_of, row_of, tier_of, why_apart, with_facts
from farfield_web.leaderboards.rows import Board, Entry, Row
from farfield_web.leaderboards.selection import LISTS, Selection
from farfield_web.leaderboards.standings import standing_of_column
from farfield_web.submissions.models import Submission
from farfield_web.submissions.written import setting_name

Part = StandingPlace.Part


@dataclass(frozen=True, kw_only=True)
class BoardPage:
    """A page of the rows that were selected, in their order: ranked ones first, then those without a rank.

    `total` counts the rows selected, `pages` how many pages they fill; `entries` the rows of the whole board, `ranked`
    those of it with a rank, `apart` those that are not comparable. `revision` grows with every change of the board:
    with the same one and the same selection the page is the same. `paired`: some were compared example by example.
    `bests` has of each column the best figure, at full precision.
    """

    benchmark: Benchmark
    tier: str
    key: str | None
    column: Column
    rows: tuple[Row, ...]
    total: int
    pages: int
    page: int
    facets: Facets
    entries: int
    ranked: int
    apart: int
    revision: int
    has_unverified: bool = False
    paired: bool = False
    bests: tuple[float | None, ...] = ()

    @property
    def board(self) -> Board:
        """The rows of the page as a board of their own, with the ranks that they have on the whole one."""
        return Board(
            benchmark=self.benchmark,
            track=None,
            tier=self.tier,
            key=self.key,
            columns=self.benchmark.columns,
            ranked_by=self.benchmark.columns.index(self.column),
            rows=self.rows,
            apart=(),
            has_unverified=self.has_unverified,
        )


def board_page(
    benchmark: Benchmark, tier: str, selection: Selection, *, beside: Collection[Column] | None = ()
) -> BoardPage:
    """The page of a board that a selection asks for; past the last one there are no rows.

    Entries have the figures of the board's columns and those `beside` them; with None all that they have. Raises
    LookupError for a tier or a column there is not.
    """
    column, tier = column_of(benchmark, selection), tier_of(benchmark, tier)
    standing = standing_of_column(benchmark, tier, column)
    total, places = _chosen(standing, selection)
    entries = entries_at(places, None if beside is None else [*benchmark.columns, *beside])
    return BoardPage(
        benchmark=benchmark,
        tier=tier,
        key=standing.key,
        column=column,
        rows=rows_of(benchmark, column, standing, places, entries),
        total=total,
        pages=-(-total // selection.size),
        page=selection.page,
        facets=read(standing.state.facets),
        entries=standing.entries,
        ranked=standing.ranked,
        apart=standing.apart,
        revision=standing.revision,
        has_unverified=standing.has_unverified,
        paired=standing.paired,
        bests=tuple(standing.bests),
    )


def selected(benchmark: Benchmark, tier: str, selection: Selection) -> list[uuid.UUID]:
    """The entries of all rows that are selected, in their order, whatever the page."""
    standing = standing_of_column(benchmark, tier_of(benchmark, tier), column_of(benchmark, selection))
    places = StandingPlace.objects.filter(_asked(selection), standing=standing)
    return list(_ordered(places, selection).values_list("line", flat=True))


def ranked_of(benchmark: Benchmark, tier: str, selection: Selection) -> int:
    """How many of the rows that are selected have a rank."""
    standing = standing_of_column(benchmark, tier_of(benchmark, tier), column_of(benchmark, selection))
    return StandingPlace.objects.filter(_asked(selection), standing=standing, part=Part.RANKED).count()


def row_of_entry(benchmark: Benchmark, submission: Submission) -> tuple[Row | None, int]:
    """The row of an entry on the board of its tier by the headline, and how many are ranked there.

    None where it has no row: nothing is known of it yet, or a newer entry of the same stands in its place.
    """
    column = benchmark.columns[0]
    standing = standing_of_column(benchmark, tier_of(benchmark, submission.tier), column)
    places = list(StandingPlace.objects.filter(standing=standing, line=submission.pk))
    rows = rows_of(benchmark, column, standing, places, entries_at(places, benchmark.columns))
    return next(iter(rows), None), standing.ranked


def column_of(benchmark: Benchmark, selection: Selection) -> Column:
    """The column that orders. Raises LookupError for one there is not."""
    if not selection.metric and not selection.domain:
        return benchmark.columns[0]
    wanted = (c for c in benchmark.columns if (c.metric, c.domain) == (selection.metric, selection.domain))
    column = next(wanted, None)
    if column is None:
        raise LookupError(f"{benchmark.title} has no column {selection.metric}:{selection.domain}.")
    return column


def rows_of(
    benchmark: Benchmark,
    column: Column,
    standing: ColumnStanding,
    places: Sequence[StandingPlace],
    entries: Mapping[uuid.UUID, Entry],
) -> tuple[Row, ...]:
    """The rows at these places of a standing, of entries as they are now; one that is gone has no row."""
    there = [place for place in places if place.line_id in entries]
    reasons = _reasons(benchmark, column, there, entries)
    return tuple(_row(benchmark, entries[place.line_id], place, reasons, standing) for place in there)


def entries_at(places: Iterable[StandingPlace], columns: Iterable[Column] | None) -> dict[uuid.UUID, Entry]:
    """The entries at these places, with the figures of some columns, or with all of them."""
    submissions = with_facts(Submission.objects.filter(pk__in=[place.line_id for place in places]))
    return {each.submission.pk: each for each in entries_of(submissions, columns)}


def _chosen(standing: ColumnStanding, selection: Selection) -> tuple[int, list[StandingPlace]]:
    """How many rows are selected, and those of the page: of a whole board those at their positions, however far."""
    own_places = StandingPlace.objects.filter(standing=standing)
    if not selection.is_whole:
        chosen = own_places.filter(_asked(selection))
        start = (selection.page - 1) * selection.size
        return chosen.count(), list(_ordered(chosen, selection)[start : start + selection.size])
    positions = _positions(standing, selection)
    start = (selection.page - 1) * selection.size
    wanted = positions[start : start + selection.size]
    at = {place.position: place for place in own_places.filter(position__in=wanted)}
    return len(positions), [at[position] for position in wanted if position in at]


def _positions(standing: ColumnStanding, selection: Selection) -> Sequence[int]:
    if selection.apart:
        return range(standing.entries, standing.entries + standing.apart)
    if not selection.worst_first:
        return range(standing.entries)
    return [*range(standing.ranked - 1, -1, -1), *range(standing.ranked, standing.entries)]


def _ordered(places: QuerySet[StandingPlace], selection: Selection) -> QuerySet[StandingPlace]:
    if not selection.worst_first:
        return places.order_by("position")
    turned = Case(When(part=Part.RANKED, then=-F("position")), default=F("position"), output_field=IntegerField())
    return places.order_by(Case(When(part=Part.RANKED, then=0), default=1), turned)


def _asked(selection: Selection) -> Q:
    asked = Q(part=Part.APART) if selection.apart else Q(part__lt=Part.APART)
    for name in LISTS:
        if values := selection.values(name):
            asked &= _LOOKUPS.get(name, _is_one_of)(name, values)
    for word in selection.text.casefold().split():
        asked &= Q(line__text__contains=word)
    if selection.since is not None:
        asked &= Q(line__entered_at__date__gte=selection.since)
    if selection.until is not None:
        asked &= Q(line__entered_at__date__lte=selection.until)
    return asked


def _is_one_of(name: str, values: Iterable[str]) -> Q:
    return Q(**{f"line__{name}__in": list(values)})


def _has_badge(_: str, values: Iterable[str]) -> Q:
    return Q(line__badges__overlap=list(values))


def _is_set(_: str, values: Iterable[str]) -> Q:
    """One of the values of each setting that is named."""
    asked = Q()
    for _, alternatives in groupby(sorted(values, key=setting_name), setting_name):
        asked &= Q(line__settings__overlap=list(alternatives))
    return asked


_LOOKUPS = {"badge": _has_badge, "set": _is_set}


def _reasons(
    benchmark: Benchmark, column: Column, places: Iterable[StandingPlace], entries: Mapping[Any, Entry]
) -> dict[Any, str]:
    """Why those without a rank have none."""
    parts: dict[int, list[Entry]] = {}
    for place in places:
        parts.setdefault(place.part, []).append(entries[place.line_id])
    missing = missing_of(each.submission.pk for each in parts.get(Part.UNFINISHED, ()))
    reasons = {each.submission.pk: why_without(column.title) for each in parts.get(Part.WITHOUT_FIGURE, ())}
    struck = parts.get(Part.STRUCK, [])
    reasons |= why_off((each.submission for each in struck), {each.submission.pk: each.held for each in struck})
    for each in parts.get(Part.UNFINISHED, ()):
        key = each.submission.pk
        reasons[key] = why_unfinished(benchmark, each.progress, missing.get(key, ()))
    return reasons | {each.submission.pk: why_apart(benchmark, each.submission) for each in parts.get(Part.APART, ())}


def _row(
    benchmark: Benchmark, entry: Entry, place: StandingPlace, reasons: Mapping[Any, str], standing: ColumnStanding
) -> Row:
    if place.part == Part.STRUCK:
        entry = entry.struck
    told = entered(entry.submission)
    differing = standing.state.differing["apart" if place.part == Part.APART else "board"]
    row = row_of(benchmark, entry, reasons.get(place.line_id, ""), place.rank, place.tied_with_best)
    return replace(row, differs=own(told, differing.get(told.method, ())), place=_place(place))


def _place(place: StandingPlace) -> Place | None:
    if place.low is None or place.high is None or place.tie_tier is None:
        return None
    return Place(
        low=place.low, high=place.high, tier=place.tie_tier, paired=place.paired, with_best=place.tied_with_best
    )
