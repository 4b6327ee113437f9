"""What an entry's page begins with: its headline figure, where that stands on the board, and the domains as bars.

Figures are rounded before anything is drawn of them: a bar's length would tell the digits that were rounded away.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.means import error_words, spread_of, spread_words
from farfield_web import published
from farfield_web.leaderboards.board_pages import row_of_entry
from farfield_web.pages.describe import domain_title
from farfield_web.pages.templatetags.figures import shown, shown_error
from farfield_web.runs.figures import Key, figures_of
from farfield_web.submissions.models import Submission

WIDTH = 1000.0  # of a bar's drawing, in its own units
HIDDEN = "the scores of this benchmark are hidden for now"
SUPERSEDED = "a newer entry of the same stands in its place"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where an entry stands: `rank` of `ranked` entries, or the reason why it has none.

    `ranks` is the interval beyond chance, empty before the entry was compared, or where it is one rank.
    """

    rank: int | None
    ranked: int
    ranks: str
    compared: bool
    with_best: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A domain's figure: `length` from 0 and the ends of its error, out of WIDTH."""

    title: str
    text: str
    error: str
    length: float
    ends: tuple[float, float] | None
    main: bool


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The headline figure with its unit and error, its standing, and the bars of the same metric."""

    title: str
    metric: str
    text: str
    unit: str
    has_figure: bool
    error: str
    after: str
    board: str
    standing: Standing
    bars: tuple[Bar, ...]


def summary_of(submission: Submission, benchmark: Benchmark, *, hidden: bool) -> Summary | None:
    """None before there is any figure of the headline's metric. `hidden`: the scores of others are, from who asks."""
    column, spread = benchmark.columns[0], benchmark.plan.spread
    figures = {key: published.rounded(figure, spread) for key, figure in figures_of(submission).items()}
    own = {domain: figure for (metric, domain), figure in figures.items() if metric == column.metric}
    if not own:
        return None
    headline, metric = figures.get((column.metric, column.domain)), benchmark.metric(column.metric)
    return Summary(
        title=column.title,
        metric=metric.title,
        text=shown(headline.value if headline else None, metric.unit),
        unit="%" if metric.unit == "%" else "",
        has_figure=headline is not None,
        error=shown_error(spread_of(headline, spread), metric.unit) if headline else "",
        after=_after(headline, benchmark),
        board=_address(submission, benchmark),
        standing=standing_on_board(submission, benchmark, hidden=hidden),
        bars=bars_of(own, benchmark, column),
    )


def standing_on_board(submission: Submission, benchmark: Benchmark, *, hidden: bool) -> Standing:
    """Its place on the board of its tier, by the headline; not told where scores of others are hidden."""
    if hidden:
        return Standing(rank=None, ranked=0, ranks="", compared=False, with_best=False, reason=HIDDEN)
    row, ranked = row_of_entry(benchmark, submission)
    place = row.place if row else None
    return Standing(
        rank=row.rank if row else None,
        ranked=ranked,
        ranks=f"{place.low}\N{EN DASH}{place.high}" if place and place.low < place.high else "",
        compared=place is not None,
        with_best=bool(row and row.tied_with_best and row.rank != 1),
        reason=row.reason if row else SUPERSEDED,
    )


def bars_of(own: Mapping[str, Figure], benchmark: Benchmark, column: Column) -> tuple[Bar, ...]:
    """The domains in their order, after the headline's own; what is neither is left to the tables."""
    names = [name for name in (column.domain, *(d.name for d in benchmark.domains)) if name in own]
    unit, spread = benchmark.metric(column.metric).unit, benchmark.plan.spread
    chosen = list(dict.fromkeys(names))
    whole = 1.0 if unit == "%" else _largest(own[name] for name in chosen)
    return tuple(
        _bar(_title(benchmark, name), own[name], spread_of(own[name], spread), unit, whole, name == column.domain)
        for name in chosen
    )


def _bar(title: str, figure: Figure, error: float | None, unit: str, whole: float, main: bool) -> Bar:
    low, high = (figure.value - error, figure.value + error) if error else (0.0, 0.0)
    return Bar(
        title=title,
        text=shown(figure.value, unit),
        error=shown_error(error, unit),
        length=_within(figure.value / whole),
        ends=(_within(low / whole), _within(high / whole)) if error else None,
        main=main,
    )


def _within(share: float) -> float:
    return round(WIDTH * min(max(share, 0.0), 1.0), 1)


def _largest(figures: Iterable[Figure]) -> float:
    return max((figure.value + (figure.stderr or 0.0) for figure in figures), default=1.0) or 1.0


def _title(benchmark: Benchmark, name: str) -> str:
    return benchmark.plan.prose.means.get(name) or domain_title(benchmark, name)


def _after(figure: Figure | None, benchmark: Benchmark) -> str:
    """What stands after ±."""
    if figure is None or figure.stderr is None:
        return ""
    words = spread_words(benchmark.plan.spread, figure.trials)
    return words or f"one standard error {error_words(benchmark.plan.stochastic, figure.trials)}"


def _address(submission: Submission, benchmark: Benchmark) -> str:
    address = reverse("board", args=[benchmark.name])
    return f"{address}?{urlencode({'tier': submission.tier})}" if submission.tier else address


@dataclass(frozen=True, kw_only=True)
class FigureRow:
    """A stored figure under the names that the API has for it."""

    title: str
    domain: str
    text: str
    error: str
    n: str
    trials: int


@dataclass(frozen=True, kw_only=True)
class FigureGroup:
    """All figures of one metric."""

    title: str
    name: str
    unit: str
    rows: tuple[FigureRow, ...]


@dataclass(frozen=True, kw_only=True)
class AllFigures:
    """Every figure of an entry; of more than MOST_FIGURES the first, and `total` says how many there are."""

    groups: tuple[FigureGroup, ...]
    total: int
    shown: int


MOST_FIGURES = 1000


def all_figures(submission: Submission, benchmark: Benchmark) -> AllFigures:
    """What the API calls `figures`, by metric: those of the board first, then others by their names."""
    figures = figures_of(submission)
    kept = dict(list(figures.items())[:MOST_FIGURES])
    declared = [metric.name for metric in benchmark.metrics]
    names = sorted({metric for metric, _ in kept}, key=lambda name: (name not in declared, _at(declared, name), name))
    groups = tuple(_group(name, kept, benchmark) for name in names)
    return AllFigures(groups=groups, total=len(figures), shown=len(kept))


def _at(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else len(names)


def _group(name: str, figures: Mapping[Key, Figure], benchmark: Benchmark) -> FigureGroup:
    metric = next((metric for metric in benchmark.metrics if metric.name == name), None)
    unit = metric.unit if metric else ""
    rows = (_row(figure, unit, benchmark) for (of, _), figure in figures.items() if of == name)
    return FigureGroup(title=metric.title if metric else name, name=name, unit=unit, rows=tuple(rows))


def _row(figure: Figure, unit: str, benchmark: Benchmark) -> FigureRow:
    return FigureRow(
        title=_title(benchmark, figure.domain),
        domain=figure.domain,
        text=shown(figure.value, unit),
        error=shown_error(spread_of(figure, benchmark.plan.spread), unit),
        n="" if figure.n is None else str(figure.n),
        trials=figure.trials,
    )
