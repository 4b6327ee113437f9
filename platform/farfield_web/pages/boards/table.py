"""The table of a board: its column titles, and a page of its lines with what stands out in them. Pure functions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.reported import Reported
from farfield_web.leaderboards.queries import Row
from farfield_web.pages.boards.lines import Band, Cell, Line, interleaved, line_of, profile_of, reported_line
from farfield_web.pages.boards.look import ABOUT
from farfield_web.pages.boards.query import Asked
from farfield_web.pages.boards.rows import Shown, backbone_of
from farfield_web.pages.boards.shading import shades
from farfield_web.pages.describe import domain_title
from farfield_web.pages.hosting.answers import answers_to, asked_on_board
from farfield_web.pages.submissions.view import track_title


@dataclass(frozen=True, kw_only=True)
class Head:
    """A column title: a link that ranks by it."""

    title: str
    help: str
    href: str
    ranks: bool
    headline: bool
    descending: bool


@dataclass(frozen=True, kw_only=True)
class Table:
    """`lines` are the ranked ones, with reported ones among them if wanted; `unranked` stand behind them.

    about: titles of columns beside those of figures, by their names. first, last: the ranks between which bands are
    drawn; both 0 where no entry was compared yet.
    """

    heads: tuple[Head, ...]
    about: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    unranked: tuple[Line, ...]
    first: int
    last: int


def table_of(shown: Shown, wanted: Asked, reported: Sequence[Reported]) -> Table:
    """A page of the board, with those published figures among its lines whose place is on this page."""
    drawn = _drawn(shown, wanted)
    ranked = [(row, line) for row, line in zip(shown.rows, drawn, strict=True) if row.rank is not None]
    sources = sources_of(reported)
    among = [(value, _reported(one, wanted, sources)) for one, value in _placed(reported, shown, wanted)]
    higher = _higher(wanted.benchmark, wanted.column) is not wanted.turned
    first, last = _span(line for _, line in ranked)
    return Table(
        heads=tuple(_head(wanted, index) for index in wanted.shown),
        about=tuple((name, ABOUT[name]) for name in wanted.look.about()),
        lines=interleaved([(_at(row, wanted), line) for row, line in ranked], among, higher_is_better=higher),
        unranked=(
            *(line for row, line in zip(shown.rows, drawn, strict=True) if row.rank is None),
            *(_reported(one, wanted, sources) for one in reported if _value(one, wanted) is None and _is_last(shown)),
        ),
        first=first,
        last=last,
    )


def sources_of(reported: Iterable[Reported]) -> list[str]:
    """Where published figures are from, each once, in the order of their numbers, which begin at 1."""
    return list(dict.fromkeys(one.source for one in reported))


def title_of(wanted: Asked, column: Column) -> str:
    """A column's title; on the board of a selection without its name behind a comma, which is named above."""
    return column.title.partition(", ")[0] if wanted.rule else column.title


def _drawn(shown: Shown, wanted: Asked) -> list[Line]:
    """Each row as its line: the best of each column, shades where they are wanted, and bands of ranks."""
    lines = [line_of(row, wanted.benchmark, wanted.shown, wanted.ranked_by) for row in shown.rows]
    questions = asked_on_board([row.entry.submission for row in shown.rows])
    first, last = _span(line for line in lines if line.rank is not None)
    shade = _shades(shown, wanted)
    return [
        replace(
            line,
            cells=tuple(_cell(line, row, at, shown, wanted, shade[at][number]) for at in range(len(line.cells))),
            band=_band(line, first, last),
            about=_about(row, line, wanted),
            answers=answers_to(questions, row.entry.submission),
        )
        for number, (row, line) in enumerate(zip(shown.rows, lines, strict=True))
    ]


def _cell(line: Line, row: Row, at: int, shown: Shown, wanted: Asked, shade: int) -> Cell:
    index = wanted.shown[at]
    figure, ranks = row.figures[index], index == wanted.ranked_by
    best = line.tied_with_best if ranks else figure is not None and figure.value == shown.bests[index]
    title = title_of(wanted, wanted.benchmark.columns[index])
    return replace(line.cells[at], title=title, best=best and row.rank is not None, shade=shade)


def _shades(shown: Shown, wanted: Asked) -> list[tuple[int, ...]]:
    """For each column the shade of each row; of all rows 0 where none are wanted."""
    if not wanted.look.heat:
        return [(0,) * len(shown.rows) for _ in wanted.shown]
    benchmark = wanted.benchmark
    return [
        shades(
            [figure.value if (figure := row.figures[index]) else None for row in shown.rows],
            higher_is_better=_higher(benchmark, benchmark.columns[index]),
        )
        for index in wanted.shown
    ]


def _span(lines: Iterable[Line]) -> tuple[int, int]:
    places = [(line.place, line.rank) for line in lines if line.place and line.rank]
    first = min((min(place.low, rank) for place, rank in places), default=0)
    return first, max((max(place.high, rank) for place, rank in places), default=0)


def _band(line: Line, first: int, last: int) -> Band | None:
    """
    >>> from farfield_web.leaderboards.places import Place
    >>> _part(2, 3, 1, 4), _part(2, 2, 1, 4)
    ((25.0, 50.0), (25.0, 25.0))
    """
    if line.place is None or line.rank is None:
        return None
    left, width = _part(line.place.low, line.place.high, first, last)
    return Band(left=left, width=width, at=_part(line.rank, line.rank, first, last)[0])


def _part(low: int, high: int, first: int, last: int) -> tuple[float, float]:
    """Where the ranks from low to high begin among those from first to last, and how many they are, in per cent."""
    every = 100 / (last - first + 1)
    return (low - first) * every, (high - low + 1) * every


def _about(row: Row, line: Line, wanted: Asked) -> tuple[tuple[str, str, str, str], ...]:
    submission = row.entry.submission
    links = {"author": profile_of(submission)}
    texts = {
        "author": line.facts[1],
        "track": track_title(wanted.benchmark, submission.track),
        "backbone": backbone_of(row),
        "kind": submission.kind,
        "date": f"{submission.created_at:%Y-%m-%d}",
    }
    return tuple((name, ABOUT[name], texts[name], links.get(name, "")) for name in wanted.look.about())


def _placed(reported: Sequence[Reported], shown: Shown, wanted: Asked) -> list[tuple[Reported, float]]:
    """The published figures whose place is among the rows of this page, or behind them before the next page's."""
    ranked = [_at(row, wanted) for row in shown.rows if row.rank is not None]
    sign = -1.0 if _higher(wanted.benchmark, wanted.column) is not wanted.turned else 1.0
    start = _start(shown, wanted, sign)
    ends = _is_last(shown) or any(row.rank is None for row in shown.rows)
    end = float("inf") if ends or not ranked else sign * ranked[-1]
    values = [(one, value) for one in reported if (value := _value(one, wanted)) is not None]
    return [(one, value) for one, value in values if start < sign * value <= end]


def _start(shown: Shown, wanted: Asked, sign: float) -> float:
    """Behind which figure the page begins: no published ones stand behind entries without a rank."""
    if shown.before is None:
        return float("-inf")
    return sign * _at(shown.before, wanted) if shown.before.rank is not None else float("inf")


def _is_last(shown: Shown) -> bool:
    return shown.page == shown.pages


def _at(row: Row, wanted: Asked) -> float:
    figure = row.figures[wanted.ranked_by]
    return figure.value if figure else float("nan")


def _value(one: Reported, wanted: Asked) -> float | None:
    return one.figures.get((wanted.column.metric, wanted.column.domain))


def _reported(one: Reported, wanted: Asked, sources: Sequence[str]) -> Line:
    number = sources.index(one.source) + 1
    line = reported_line(one, wanted.benchmark, wanted.shown, wanted.ranked_by, number)
    return replace(line, about=tuple((name, ABOUT[name], "", "") for name in wanted.look.about()))


def _higher(benchmark: Benchmark, column: Column) -> bool:
    return benchmark.metric(column.metric).higher_is_better


def _head(wanted: Asked, index: int) -> Head:
    column = wanted.benchmark.columns[index]
    title = title_of(wanted, column)
    full = domain_title(wanted.benchmark, column.domain) if index != wanted.columns[0] and wanted.rule else title
    metric = wanted.benchmark.metric(column.metric)
    verb = "Turn the order of" if index == wanted.ranked_by else "Rank by"
    direction = "higher" if metric.higher_is_better else "lower"
    return Head(
        title=title,
        help=f"{verb} {full} ({metric.title}, {direction} is better)",
        href=wanted.by(index).address,
        ranks=index == wanted.ranked_by,
        headline=index == wanted.columns[0],
        descending=metric.higher_is_better is not wanted.turned,
    )
