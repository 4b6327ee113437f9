"""What a visitor asked of a board, and the addresses that ask something else of it. Pure functions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.urls import reverse

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.run_plan import Selection
from farfield_web.exports.openood import is_openood
from farfield_web.leaderboards.selection import VERIFIED, Filters
from farfield_web.pages.boards.filters import Query, filters_of, first
from farfield_web.pages.boards.look import Look, look_of
from farfield_web.pages.boards.selections import columns_of

FORMS = {"csv": "CSV", "parquet": "Parquet", "json": "JSON of all rows", "latex": "LaTeX", "bibtex": "BibTeX"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A board as asked for: a tier and a selection rule, what ranks, which rows, in which look, and which page.

    `turned` shows the worst first, with the same ranks, and `reported` published figures beside the entries.
    `tier` is empty and `rule` None for a benchmark whose plan has none.
    """

    benchmark: Benchmark
    tier: str = ""
    rule: Selection | None = None
    ranked_by: int = 0
    reported: bool = False
    turned: bool = False
    filters: Filters = field(default_factory=Filters)
    look: Look = field(default_factory=Look)
    page: int = 1

    @property
    def columns(self) -> tuple[int, ...]:
        """Which columns of figures there are under the rule; the first is the headline."""
        return columns_of(self.benchmark, self.rule)

    @property
    def shown(self) -> tuple[int, ...]:
        """Which of them are shown: those chosen, and always the headline and what ranks."""
        always = (self.columns[0], self.ranked_by)
        return tuple(i for i in self.columns if i in always or self.look.shows(column_name(self.benchmark, i)))

    @property
    def headline(self) -> Column:
        return self.benchmark.columns[self.columns[0]]

    @property
    def column(self) -> Column:
        """What ranks."""
        return self.benchmark.columns[self.ranked_by]

    @property
    def column_name(self) -> str:
        """What ranks, as addresses have it."""
        return column_name(self.benchmark, self.ranked_by)

    @property
    def tier_title(self) -> str:
        return self.benchmark.tier(self.tier).title if self.tier else ""

    def filtered(self, filters: Filters) -> "Asked":
        """The first page of other rows."""
        return replace(self, filters=filters, page=1)

    def in_track(self, track: str | None) -> "Asked":
        return self.filtered(self.filters.with_only("track", *([track] if track else [])))

    def in_tier(self, tier: str) -> "Asked":
        return replace(self, tier=tier, page=1)

    def by_rule(self, rule: Selection) -> "Asked":
        """The same domains under another rule."""
        own = columns_of(self.benchmark, rule)
        by_domain = {self.benchmark.columns[index].domain: index for index in reversed(own)}
        renamed = {
            column_name(self.benchmark, old): column_name(self.benchmark, by_domain[domain])
            for old in self.columns
            if (domain := self.benchmark.columns[old].domain) in by_domain
        }
        chosen = self.look.columns
        columns = None if chosen is None else tuple(renamed.get(name, name) for name in chosen)
        ranked_by = by_domain.get(self.column.domain, own[0])
        return replace(self, rule=rule, ranked_by=ranked_by, look=self.look.with_columns(columns), page=1)

    def by(self, index: int) -> "Asked":
        """Ranked by a column; by the one that ranks already, in the other order."""
        return replace(self, ranked_by=index, turned=index == self.ranked_by and not self.turned, page=1)

    def with_reported(self, shown: bool) -> "Asked":
        return replace(self, reported=shown)

    def on_page(self, page: int) -> "Asked":
        return replace(self, page=page)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the form of filters keeps of the address: the board, its order and what stands beside its entries."""
        return [*self._of_board, *([("reported", "1")] if self.reported else [])]

    @property
    def _of_board(self) -> Iterator[tuple[str, str]]:
        """Which board in which order. The tier is always said: which one a plain address opens may change."""
        if self.tier:
            yield "tier", self.tier
        rules = self.benchmark.plan.selections
        if self.rule and self.rule != rules[0]:
            yield "rule", self.rule.name
        if self.ranked_by != self.columns[0]:
            yield "by", self.column_name
        if self.turned:
            yield "order", "worst"

    @property
    def query(self) -> str:
        """What is asked, without what is usual, in one order: two addresses of a page never differ."""
        page = [("page", str(self.page))] if self.page > 1 else []
        return urlencode([*self.kept, *self.filters.chosen, *self.look.chosen, *page], safe=":")

    @property
    def address(self) -> str:
        """The page."""
        return _address("board", self.benchmark, self.query)

    def file(self, name: str) -> str:
        """Where the file of the same board is, whose address has this name."""
        return _address(name, self.benchmark, urlencode([*self.kept, *self.filters.chosen], safe=":"))

    @property
    def plots(self) -> str:
        """The page of all plots of the board."""
        query = urlencode([pair for pair in self.kept if pair[0] in ("tier", "rule", "by")], safe=":")
        return _address("board-plots", self.benchmark, query)

    @property
    def files(self) -> dict[str, str]:
        """Where the board is in other forms, by what they are called."""
        forms = {**FORMS, **({"openood": "OpenOOD's columns"} if is_openood(self.benchmark) else {})}
        return {title: self.file(f"board-{form}") for form, title in forms.items()}

    @property
    def data_address(self) -> str:
        """The same board from the API, with every figure to the digits that are published.

        It knows one track or all, and whether what was not run here is left out; it gives all that other filters leave.
        """
        tracks = self.filters.tracks
        wanted = {"track": tracks[0] if len(tracks) == 1 else "", "tier": self.tier}
        wanted["ranked_by"] = self.column_name if self.ranked_by else ""
        wanted["verified"] = "true" if VERIFIED in self.filters.badges else ""
        query = urlencode({name: value for name, value in wanted.items() if value}, safe=":")
        return _address("api:leaderboard", self.benchmark, query)


def column_name(benchmark: Benchmark, index: int) -> str:
    """A column of figures as addresses have it."""
    column = benchmark.columns[index]
    return f"{column.metric}:{column.domain}"


def asked(benchmark: Benchmark, query: Mapping[str, str | Sequence[str]]) -> Asked:
    """What an address asks for. Raises LookupError, with a sentence, for what the board has not."""
    lists: Query = {name: [value] if isinstance(value, str) else value for name, value in query.items()}
    rule, filters = _rule(benchmark, lists), filters_of(lists)
    for track in filters.tracks:
        _one_of(benchmark, "track", track, [each.name for each in benchmark.tracks])
    columns = columns_of(benchmark, rule)
    return Asked(
        benchmark=benchmark,
        tier=_tier(benchmark, first(lists, "tier")),
        rule=rule,
        ranked_by=_column(benchmark, first(lists, "by"), columns),
        reported=first(lists, "reported") == "1",
        turned=first(lists, "order") == "worst",
        filters=filters,
        look=look_of(lists, tuple(column_name(benchmark, index) for index in columns)),
        page=_page(first(lists, "page")),
    )


def _address(name: str, benchmark: Benchmark, query: str) -> str:
    return reverse(name, args=[benchmark.name]) + (f"?{query}" if query else "")


def _tier(benchmark: Benchmark, name: str) -> str:
    names = [tier.name for tier in benchmark.plan.tiers]
    return _one_of(benchmark, "tier", name, names) if name or not names else names[0]


def _rule(benchmark: Benchmark, query: Query) -> Selection | None:
    """The rule by its name; without one, the rule of the column that is to rank, or the first."""
    rules = {rule.name: rule for rule in benchmark.plan.selections}
    if name := first(query, "rule"):
        return rules[_one_of(benchmark, "selection rule", name, list(rules))]
    metric = first(query, "by").partition(":")[0]
    return next((rule for rule in rules.values() if rule.metric == metric), next(iter(rules.values()), None))


def _column(benchmark: Benchmark, wanted: str, columns: tuple[int, ...]) -> int:
    names = {column_name(benchmark, index): index for index in columns}
    return names[_one_of(benchmark, "column", wanted, list(names))] if wanted else columns[0]


def _page(text: str) -> int:
    if text and not (text.isascii() and text.isdecimal() and len(text) < 7 and int(text)):
        raise LookupError("page must be a number, from 1 on.")
    return int(text or 1)


def _one_of(benchmark: Benchmark, what: str, name: str, names: list[str]) -> str:
    if name and name not in names:
        raise LookupError(f"{benchmark.title} has no such {what}.")
    return name
