"""A board as pages show it: text, links and the figures, from the ranked rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.catalog import reported_for
from farfield_evaluators.reported import Reported
from farfield_evaluators.run_plan import Selection
from farfield_web.leaderboards.axes import reference_of
from farfield_web.leaderboards.queries import Board, Row, board
from farfield_web.pages.boards import board_charts
from farfield_web.pages.boards.board_charts import chart_of, line_chart_of
from farfield_web.pages.boards.charts import COMPACT, WIDE, Dumbbell, Layout
from farfield_web.pages.boards.group_board import GroupTable, file_address, group_tables
from farfield_web.pages.boards.lines import Line, interleaved, line_of, reported_line
from farfield_web.pages.boards.plots import PlotView, plots_of
from farfield_web.pages.boards.query import Asked, asked
from farfield_web.pages.boards.selections import tier_title
from farfield_web.pages.describe import Paper, domain_title, paper
from farfield_web.submissions.models import Method, Submission

CHART_ROWS = 12


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
class Choice:
    """A link of a filter."""

    title: str
    help: str
    href: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Links of which one is current, with what the current one means."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    help: str


@dataclass(frozen=True, kw_only=True)
class BoardView:
    """Everything the page of a board lays out. `lines` are the ranked ones, with reported ones among them if wanted."""

    board: Board
    asked: Asked
    entries: int
    ranked_by: str
    heads: tuple[Head, ...]
    filters: tuple[Filter, ...]
    lines: tuple[Line, ...]
    unranked: tuple[Line, ...]
    apart: tuple[Line, ...]
    chart: Dumbbell | None
    narrow_chart: Dumbbell | None
    chart_titles: tuple[str, str]
    line: board_charts.Line | None
    plots: tuple[PlotView, ...]
    groups: tuple[GroupTable, ...]
    groups_href: str
    reported: int
    reported_href: str
    sources: tuple[Paper, ...]


def view_of(found: Board, wanted: Asked) -> BoardView:
    """The page's view of a board that was read as wanted."""
    benchmark, columns, headline = found.benchmark, wanted.columns, wanted.headline
    known = reported_for(benchmark.name, wanted.tier)
    shown = known if wanted.reported else ()
    reference, sources = reference_of(benchmark, headline), sources_of(shown)
    unplaced = [one for one in shown if _value(one, wanted) is None]
    return BoardView(
        board=found,
        asked=wanted,
        entries=len(found.rows),
        ranked_by=_title(wanted, wanted.column),
        heads=tuple(_head(wanted, index) for index in columns),
        filters=tuple(_filters(wanted, found)),
        lines=_lines(found, wanted, shown),
        unranked=(
            *(line_of(row, benchmark, columns, wanted.ranked_by) for row in found.rows if row.rank is None),
            *(_reported(one, wanted, sources) for one in unplaced),
        ),
        apart=tuple(line_of(row, benchmark, columns, wanted.ranked_by) for row in found.apart),
        chart=_chart(found, WIDE, headline),
        narrow_chart=_chart(found, COMPACT, headline),
        chart_titles=(_title(wanted, headline), reference.title if reference else ""),
        line=None if benchmark.plots else line_chart_of(found, shown),
        plots=plots_of(found, shown),
        groups=group_tables(found),
        groups_href=file_address(wanted),
        reported=len(known),
        reported_href=wanted.with_reported(not wanted.reported).address,
        sources=tuple(paper(text) for text in sources),
    )


def _chart(found: Board, layout: Layout, headline: Column) -> Dumbbell | None:
    """The figure of the first entries; none where the benchmark declares which plots its board has."""
    return None if found.benchmark.plots else chart_of(found, limit=CHART_ROWS, layout=layout, headline=headline)


def _lines(found: Board, wanted: Asked, reported: Sequence[Reported]) -> tuple[Line, ...]:
    """The ranked entries, and the reported ones at their places among them."""
    benchmark, at = found.benchmark, wanted.ranked_by
    figures = [(row, figure) for row in found.rows if row.rank is not None and (figure := row.figures[at])]
    entries = [(figure.value, line_of(row, benchmark, wanted.columns, at)) for row, figure in figures]
    values = [(value, one) for one in reported if (value := _value(one, wanted)) is not None]
    sources = sources_of(reported)
    others = [(value, _reported(one, wanted, sources)) for value, one in values]
    lines = interleaved(entries, others, higher_is_better=benchmark.metric(wanted.column.metric).higher_is_better)
    return lines[::-1] if wanted.turned else lines


def sources_of(reported: Iterable[Reported]) -> list[str]:
    """Where published figures are from, each once, in the order of their numbers, which begin at 1."""
    return list(dict.fromkeys(one.source for one in reported))


def _reported(one: Reported, wanted: Asked, sources: Sequence[str]) -> Line:
    number = sources.index(one.source) + 1
    return reported_line(one, wanted.benchmark, wanted.columns, wanted.ranked_by, number)


def _value(one: Reported, wanted: Asked) -> float | None:
    return one.figures.get((wanted.column.metric, wanted.column.domain))


@dataclass(frozen=True, kw_only=True)
class Result:
    """A method's entry on a board."""

    benchmark: Benchmark
    tier: str
    href: str
    headline: str
    by: str
    line: Line


def results_of(method: Method, benchmarks: Sequence[Benchmark]) -> list[Result]:
    """The comparable entries of a method, with their ranks among all tracks."""
    entered = entered_boards(Submission.objects.filter(method=method))
    return [
        _result(one, row)
        for benchmark in benchmarks
        for one in boards_of(benchmark, entered)
        for row in board(benchmark, tier=one.tier).rows
        if row.entry.submission.method_id == method.pk
    ]


def _result(one: Asked, row: Row) -> Result:
    return Result(
        benchmark=one.benchmark,
        tier=one.tier_title,
        href=one.address,
        headline=one.headline.title,
        by=row.entry.submission.owner.username,
        line=line_of(row, one.benchmark),
    )


def entered_boards(submissions: QuerySet[Submission]) -> set[tuple[str, str]]:
    """The boards, as benchmark and tier, that these submissions are for: others need not be read."""
    return set(submissions.order_by().values_list("benchmark", "tier").distinct())


def boards_of(benchmark: Benchmark, entered: set[tuple[str, str]]) -> list[Asked]:
    """Those of a benchmark's boards, one for each tier, that something was entered for."""
    first = asked(benchmark, {})
    every = [first.in_tier(tier.name) for tier in benchmark.plan.tiers] or [first]
    return [one for one in every if (benchmark.name, one.tier) in entered]


def _head(wanted: Asked, index: int) -> Head:
    column = wanted.benchmark.columns[index]
    title = _title(wanted, column)
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


def _title(wanted: Asked, column: Column) -> str:
    """A column's title; on the board of a selection without its name behind a comma, which is named above."""
    return column.title.partition(", ")[0] if wanted.rule else column.title


def _filters(wanted: Asked, found: Board) -> Iterable[Filter]:
    if wanted.tier:
        yield _filter("tier", "Tier", [_tier_choice(wanted, tier.name) for tier in wanted.benchmark.plan.tiers])
    if wanted.rule:
        yield _filter("rule", "Selected by", [_rule_choice(wanted, rule) for rule in wanted.benchmark.plan.selections])
    all_tracks = Choice(title="All tracks", help="", href=wanted.in_track(None).address, current=wanted.track is None)
    tracks = [
        Choice(title=t.title, help=t.description, href=wanted.in_track(t.name).address, current=t.name == wanted.track)
        for t in wanted.benchmark.tracks
    ]
    yield _filter("track", "Track", [all_tracks, *tracks])
    if found.has_unverified or wanted.verified:
        yield _filter("verified", "Entries", [_trust_choice(wanted, verified) for verified in (False, True)])


def _trust_choice(wanted: Asked, verified: bool) -> Choice:
    about = "Predictions that were not run here are left out; the others are ranked among themselves."
    return Choice(
        title="Verified only" if verified else "All",
        help=about if verified else "",
        href=wanted.only_verified(verified).address,
        current=verified == wanted.verified,
    )


def _filter(name: str, label: str, choices: Sequence[Choice]) -> Filter:
    text = next((choice.help for choice in choices if choice.current), "")
    return Filter(name=name, label=label, choices=tuple(choices), help=text)


def _tier_choice(wanted: Asked, name: str) -> Choice:
    return Choice(
        title=tier_title(wanted.benchmark, name),
        help=wanted.benchmark.tier(name).description,
        href=wanted.in_tier(name).address,
        current=name == wanted.tier,
    )


def _rule_choice(wanted: Asked, rule: Selection) -> Choice:
    about = f"{rule.help} {rule.lacking.get(wanted.tier, '')}".strip()
    return Choice(title=rule.title, help=about, href=wanted.by_rule(rule).address, current=rule == wanted.rule)
