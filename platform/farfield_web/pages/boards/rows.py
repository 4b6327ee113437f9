"""The rows of a board that its reader wants, a page of them at a time, and what they can be chosen by."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from farfield_web import published
from farfield_web.entries.names import shown_author
from farfield_web.leaderboards.facets import FacetValue
from farfield_web.leaderboards.queries import Board, BoardPage, Row, board, board_page
from farfield_web.leaderboards.selection import Selection
from farfield_web.pages.boards.filters import LISTS, VERIFIED, Filters
from farfield_web.pages.boards.query import Asked
from farfield_web.pages.describe import setting_value

PAGE = 50
MOST_DRAWN = 100  # rows on plots, the first of the board, and of those that are not comparable
Facets = Mapping[str, tuple[tuple[str, int], ...]]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A page of a board. Its ranks are those of the whole board, whatever is chosen.

    board: all of its wanted rows. rows: those of the page, in the order asked for; `before` is the one before them.
    total: how many there are on all `pages`. bests: the best figure of each column of the board, None where it has
    none. facets: by the name of a filter its values, each with how many entries of the whole board have it.
    """

    board: Board
    rows: tuple[Row, ...]
    before: Row | None
    total: int
    page: int
    pages: int
    bests: tuple[float | None, ...]
    facets: Facets


def read(wanted: Asked) -> Shown:
    """The page of a board that is asked for; the last one for a page beyond it."""
    if wanted.filters == Filters() and wanted.benchmark.standing is None:
        return _whole(wanted)
    found = board(wanted.benchmark, None, wanted.ranked_by, wanted.tier)
    rows = chosen(found, wanted)
    pages = max(1, -(-len(rows) // PAGE))
    page = min(wanted.page, pages)
    start = (page - 1) * PAGE
    return Shown(
        board=replace(found, rows=rows),
        rows=rows[start : start + PAGE],
        before=rows[start - 1] if start else None,
        total=len(rows),
        page=page,
        pages=pages,
        bests=tuple(_best(found, index) for index in range(len(found.columns))),
        facets=facets_of(found.rows),
    )


def everything(wanted: Asked) -> Board:
    """All rows that are wanted, on one page: what files have, and plots of their own."""
    found = board(wanted.benchmark, None, wanted.ranked_by, wanted.tier)
    return replace(found, rows=chosen(found, wanted))


def _whole(wanted: Asked) -> Shown:
    """A page of a board of which nothing is left out: its rows are read, and those that plots have room for."""
    asked = Selection(metric=wanted.column.metric, domain=wanted.column.domain, worst_first=wanted.turned, size=PAGE)
    drawn = board_page(wanted.benchmark, wanted.tier, replace(asked, size=MOST_DRAWN), every_figure=True)
    pages = max(1, -(-drawn.total // PAGE))
    page = min(wanted.page, pages)
    found = board_page(wanted.benchmark, wanted.tier, replace(asked, page=page))
    apart = replace(asked, apart=True, size=MOST_DRAWN)
    others = board_page(wanted.benchmark, wanted.tier, apart).rows if found.apart else ()
    start = (page - 1) * PAGE
    last = board_page(wanted.benchmark, wanted.tier, replace(asked, size=1, page=start)).rows if start else ()
    return Shown(
        board=replace(drawn.board, apart=others),
        rows=found.rows,
        before=next(iter(last), None),
        total=found.total,
        page=page,
        pages=pages,
        bests=tuple(map(published.figure, found.bests)),
        facets=_told(found),
    )


def _told(found: BoardPage) -> Facets:
    facets = found.facets
    values: dict[str, Sequence[FacetValue]] = {name: getattr(facets, f"{name}s") for name in LISTS if name != "set"}
    settings = [
        FacetValue(value=f"{name}:{setting_value(one.value)}", count=one.count)
        for name, ones in facets.settings.items()
        for one in ones
    ]
    values["set"] = sorted(settings, key=lambda one: (-one.count, one.value))
    return {
        name: tuple((one.value, one.count) for one in ones)
        for name, ones in values.items()
        if any(one.count < found.entries for one in ones)
    }


def chosen(found: Board, wanted: Asked) -> tuple[Row, ...]:
    """All rows that are wanted, the worst of the ranked first if the order is turned; the others behind them."""
    rows = [row for row in found.rows if fits(row, wanted.filters)]
    ranked = [row for row in rows if row.rank is not None]
    return (*(ranked[::-1] if wanted.turned else ranked), *(row for row in rows if row.rank is None))


def fits(row: Row, filters: Filters) -> bool:
    """Whether a row has what is asked for."""
    day = row.entry.submission.created_at.date()
    within = (filters.since is None or day >= filters.since) and (filters.until is None or day <= filters.until)
    lists = (name for name in LISTS if name != "set" and filters.values(name))
    return (
        within
        and all(set(filters.values(name)) & set(_VALUES[name](row)) for name in lists)
        and _has_settings(row, filters.settings)
        and _says(row, filters.text)
    )


def _says(row: Row, text: str) -> bool:
    submission = row.entry.submission
    said = (submission.display_name, submission.title, shown_author(submission))
    return any(text.lower() in one.lower() for one in said)


def facets_of(rows: Iterable[Row]) -> Facets:
    """The values by which rows can be chosen, the most frequent first; none where all have the same."""
    listed = list(rows)
    return {name: of for name in LISTS if (of := _facet(listed, _VALUES[name]))}


def _facet(rows: list[Row], values: Callable[[Row], Iterable[str]]) -> tuple[tuple[str, int], ...]:
    counts = Counter(value for row in rows for value in dict.fromkeys(values(row)))
    telling = any(count < len(rows) for count in counts.values())
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))) if telling else ()


def badges_of(row: Row) -> tuple[str, ...]:
    """What is said of an entry beside its name."""
    standing = row.entry.standing
    verified = (VERIFIED,) if row.entry.verified else ()
    standard = () if standing is None else ("not standard" if standing.reasons else "standard",)
    return (*verified, *row.entry.labels, *standard)


def backbone_of(row: Row) -> str:
    """What the entry claimed as its backbone; empty where it is not known."""
    return str(row.entry.submission.claims.get("backbone") or "")


def _settings_of(row: Row) -> tuple[str, ...]:
    return tuple(f"{name}:{setting_value(value)}" for name, value in row.differs.items())


_VALUES: Mapping[str, Callable[[Row], Iterable[str]]] = {
    "track": lambda row: (row.entry.submission.track,),
    "kind": lambda row: (row.entry.submission.kind,),
    "badge": badges_of,
    "method": lambda row: (row.entry.submission.display_name,),
    "backbone": lambda row: filter(None, (backbone_of(row),)),
    "author": lambda row: (shown_author(row.entry.submission),),
    "set": _settings_of,
}


def _has_settings(row: Row, wanted: Iterable[str]) -> bool:
    by_name: dict[str, set[str]] = {}
    for one in wanted:
        by_name.setdefault(one.partition(":")[0], set()).add(one)
    own = set(_settings_of(row))
    return all(values & own for values in by_name.values())


def _best(found: Board, index: int) -> float | None:
    higher = found.benchmark.metric(found.columns[index].metric).higher_is_better
    values = [figure.value for row in found.rows if row.rank is not None and (figure := row.figures[index])]
    return (max if higher else min)(values, default=None)
