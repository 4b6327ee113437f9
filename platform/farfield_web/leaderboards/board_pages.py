"""A page of a board: the rows that a reader wants, with ranks of the whole board, and what can be filtered by."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_web.leaderboards.rows import Row
from farfield_web.leaderboards.selection import VERIFIED, Selection

MOST_VALUES = 100  # of a facet; of more, those with most entries


@dataclass(frozen=True, kw_only=True)
class FacetValue:
    """A value that rows can be filtered by, and how many rows of the whole board have it."""

    value: Any
    count: int


@dataclass(frozen=True, kw_only=True)
class Facets:
    """The values by what they filter, those with most rows first; `settings` by the name of the setting."""

    kinds: tuple[FacetValue, ...] = ()
    tracks: tuple[FacetValue, ...] = ()
    authors: tuple[FacetValue, ...] = ()
    badges: tuple[FacetValue, ...] = ()
    methods: tuple[FacetValue, ...] = ()
    settings: Mapping[str, tuple[FacetValue, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class BoardPage:
    """A page of the rows that were selected, in their order: ranked ones first, then those without a rank.

    `total` counts the rows selected, `pages` how many pages they fill; `entries` the rows of the whole board, `ranked`
    those of it with a rank, `apart` those that are not comparable. `revision` grows with every change of the board:
    with the same one and the same selection the page is the same.
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


def column_of(benchmark: Benchmark, selection: Selection) -> Column:
    """The column that orders. Raises LookupError for one there is not."""
    if not selection.metric and not selection.domain:
        return benchmark.columns[0]
    wanted = (c for c in benchmark.columns if (c.metric, c.domain) == (selection.metric, selection.domain))
    column = next(wanted, None)
    if column is None:
        raise LookupError(f"{benchmark.title} has no column {selection.metric}:{selection.domain}.")
    return column


def chosen(rows: Iterable[Row], selection: Selection) -> list[Row]:
    """Pure: the rows that a selection wants, in its order."""
    tests = [test for test in _tests(selection) if test is not None]
    kept = [row for row in rows if all(test(row) for test in tests)]
    ranked = [row for row in kept if row.rank is not None]
    return [*(ranked[::-1] if selection.worst_first else ranked), *(row for row in kept if row.rank is None)]


def facets_of(rows: Sequence[Row]) -> Facets:
    """Pure: the values of these rows."""
    entered = [row.entry.submission for row in rows]
    names = dict.fromkeys(name for one in entered for name in one.config)
    settings = {name: counted(one.config[name] for one in entered if name in one.config) for name in sorted(names)}
    return Facets(
        kinds=counted(one.kind for one in entered),
        tracks=counted(one.track for one in entered),
        authors=counted(one.owner.username for one in entered),
        badges=counted(badge for row in rows for badge in badges_of(row)),
        methods=counted(one.display_name for one in entered),
        settings={name: values for name, values in settings.items() if len(values) > 1},
    )


def badges_of(row: Row) -> tuple[str, ...]:
    """What a row can be filtered by: its labels, and whether it was run here."""
    return (*row.entry.labels, VERIFIED) if row.entry.verified else row.entry.labels


def counted(values: Iterable[Any]) -> tuple[FacetValue, ...]:
    """The most frequent of these values, of equals the first by name."""
    counts = Counter((type(value), value) for value in values if not isinstance(value, dict | list))
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0][1])))
    return tuple(FacetValue(value=value, count=count) for (_, value), count in ordered[:MOST_VALUES])


def _tests(selection: Selection) -> Iterable[Callable[[Row], bool] | None]:
    words = selection.text.casefold().split()
    yield _any_of(selection.kinds, lambda row: (row.entry.submission.kind,))
    yield _any_of(selection.tracks, lambda row: (row.entry.submission.track,))
    yield _any_of(selection.authors, lambda row: (row.entry.submission.owner.username,))
    yield _any_of(selection.methods, lambda row: (row.entry.submission.display_name,))
    yield _any_of(selection.badges, badges_of)
    yield (lambda row: all(word in _text(row) for word in words)) if words else None
    for name, values in selection.settings.items():
        yield _any_of(values, partial(_set, name))
    if (since := selection.since) is not None:
        yield lambda row: row.entry.submission.created_at.date() >= since
    if (until := selection.until) is not None:
        yield lambda row: row.entry.submission.created_at.date() <= until


def _any_of(wanted: Sequence[Any], of: Callable[[Row], Iterable[Any]]) -> Callable[[Row], bool] | None:
    known = {(type(value), value) for value in wanted}
    return (lambda row: any((type(value), value) in known for value in of(row))) if wanted else None


def _set(name: str, row: Row) -> tuple[Any, ...]:
    config = row.entry.submission.config
    return (config[name],) if name in config else ()


def _text(row: Row) -> str:
    one = row.entry.submission
    return " ".join((one.display_name, one.title, one.owner.username)).casefold()
