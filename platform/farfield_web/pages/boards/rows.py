"""The rows of a board that its reader wants, a page of them at a time, and what they can be chosen by."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from farfield_evaluators.benchmark import Column
from farfield_evaluators.scoring.group_sizes import groupings_of
from farfield_web import published
from farfield_web.hosting.models import Phase
from farfield_web.leaderboards.axes import drawn_beside
from farfield_web.leaderboards.board_pages import ranked_of
from farfield_web.leaderboards.facets import Facets
from farfield_web.leaderboards.queries import Board, Row, board, board_page, selected
from farfield_web.leaderboards.selection import MOST_ROWS, Selection
from farfield_web.pages.boards.query import Asked

PAGE = 50
MOST_DRAWN = 100  # rows on plots, the first of the board, and of those that are not comparable


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A page of a board. Its ranks are those of the whole board, whatever is chosen.

    board: the first of its wanted rows, as many as plots have room for, with all their figures; and those of what is
    not comparable. rows: those of the page, in the order asked for; `before` is the one before them. total: how many
    there are on all `pages`. bests: the best figure of each column of the board, None where it has none. phases: titles
    of those that rows can be chosen by, by their names.
    """

    board: Board
    rows: tuple[Row, ...]
    before: Row | None
    total: int
    page: int
    pages: int
    bests: tuple[float | None, ...]
    facets: Facets
    phases: Mapping[str, str]


def read(wanted: Asked) -> Shown:
    """The page of a board that is asked for; the last one for a page beyond it."""
    selection, benchmark = selection_of(wanted), wanted.benchmark
    beside = None if groupings_of(benchmark) else drawn_beside(benchmark, wanted.headline)
    drawn = board_page(benchmark, wanted.tier, replace(selection, size=MOST_DRAWN), beside=beside)
    pages = max(1, -(-drawn.total // PAGE))
    page = min(wanted.page, pages)
    before, rows = _rows(wanted, selection, (page - 1) * PAGE, drawn.rows)
    apart = replace(selection, apart=True, size=MOST_DRAWN)
    others = board_page(benchmark, wanted.tier, apart).rows if drawn.apart else ()
    return Shown(
        board=replace(drawn.board, apart=others),
        rows=rows,
        before=before,
        total=drawn.total,
        page=page,
        pages=pages,
        bests=tuple(map(published.figure, drawn.bests)),
        facets=drawn.facets,
        phases=_phases(wanted, drawn.facets),
    )


def _phases(wanted: Asked, facets: Facets) -> dict[str, str]:
    if "phase" not in facets and not wanted.filters.phases:
        return {}
    return dict(Phase.objects.filter(benchmark=wanted.benchmark.name).values_list("name", "title"))


def _rows(
    wanted: Asked, selection: Selection, start: int, drawn: tuple[Row, ...]
) -> tuple[Row | None, tuple[Row, ...]]:
    """The rows of the page that begins at a place, and the one before them: of the first pages they are drawn too."""
    if start + PAGE <= MOST_DRAWN:
        return (drawn[start - 1] if start else None), drawn[start : start + PAGE]
    pages = (replace(selection, page=start, size=1), replace(selection, page=1 + start // PAGE, size=PAGE))
    before, rows = (board_page(wanted.benchmark, wanted.tier, each).rows for each in pages)
    return next(iter(before), None), rows


def first_ranked(wanted: Asked, most: int) -> tuple[Board, int]:
    """The first rows with a rank that are wanted, as a board of their own with all that plots draw; and how many more.

    They are read as pages are, so that this costs no more on a board of more entries.
    """
    benchmark, selection = wanted.benchmark, replace(selection_of(wanted), size=MOST_ROWS)
    beside = [*drawn_beside(benchmark, wanted.headline), *drawn_beside(benchmark, wanted.column)]
    ranked = ranked_of(benchmark, wanted.tier, selection)
    numbers = range(1, max(1, -(-min(ranked, most) // MOST_ROWS)) + 1)
    pages = [board_page(benchmark, wanted.tier, replace(selection, page=number), beside=beside) for number in numbers]
    rows = tuple(row for page in pages for row in page.rows if row.rank is not None)[:most]
    return replace(pages[0].board, rows=rows), max(0, ranked - most)


def everything(wanted: Asked, *, beside: Collection[Column] | None = None) -> Board:
    """All rows that are wanted, as files have them, with figures as `board` takes them."""
    found = board(wanted.benchmark, None, wanted.ranked_by, wanted.tier, beside=beside)
    selection = selection_of(wanted)
    rows = {row.entry.submission.pk: row for row in (*found.rows, *found.apart)}
    chosen, others = (
        tuple(rows[key] for key in selected(wanted.benchmark, wanted.tier, one) if key in rows)
        for one in (selection, replace(selection, apart=True))
    )
    return replace(found, rows=chosen, apart=others)


def selection_of(wanted: Asked) -> Selection:
    """The rows that are wanted, in their order."""
    column = wanted.column
    return Selection(**vars(wanted.filters), metric=column.metric, domain=column.domain, worst_first=wanted.turned)


def backbone_of(row: Row) -> str:
    """What the entry claimed as its backbone; empty where it is not known."""
    return str(row.entry.submission.claims.get("backbone") or "")
