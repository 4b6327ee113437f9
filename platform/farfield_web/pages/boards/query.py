"""What a visitor asked of a board, and the addresses that ask something else of it. Pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.run_plan import Selection
from farfield_web.pages.boards.selections import columns_of

FORMS = {"csv": "CSV", "latex": "LaTeX", "bibtex": "BibTeX"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A board as asked for: a track or all, a tier and a selection, what ranks, and whether to show reports.

    `verified` leaves out what was not run here; `turned` shows the worst first, with the same ranks.
    `tier` is empty and `rule` None for a benchmark whose plan has none.
    """

    benchmark: Benchmark
    track: str | None = None
    tier: str = ""
    rule: Selection | None = None
    ranked_by: int = 0
    reported: bool = False
    verified: bool = False
    turned: bool = False

    @property
    def columns(self) -> tuple[int, ...]:
        """Which columns are shown; the first is the headline."""
        return columns_of(self.benchmark, self.rule)

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
        return f"{self.column.metric}:{self.column.domain}"

    @property
    def tier_title(self) -> str:
        return self.benchmark.tier(self.tier).title if self.tier else ""

    def in_track(self, track: str | None) -> "Asked":
        return replace(self, track=track)

    def in_tier(self, tier: str) -> "Asked":
        return replace(self, tier=tier)

    def by_rule(self, rule: Selection) -> "Asked":
        """The same domain under another rule."""
        here = columns_of(self.benchmark, rule)
        same = (index for index in here if self.benchmark.columns[index].domain == self.column.domain)
        return replace(self, rule=rule, ranked_by=next(same, here[0]))

    def by(self, index: int) -> "Asked":
        """Ranked by a column; by the one that ranks already, in the other order."""
        return replace(self, ranked_by=index, turned=index == self.ranked_by and not self.turned)

    def with_reported(self, shown: bool) -> "Asked":
        return replace(self, reported=shown)

    def only_verified(self, verified: bool) -> "Asked":
        return replace(self, verified=verified)

    @property
    def address(self) -> str:
        """The page; what is asked by default is not in its query."""
        default = asked(self.benchmark, {})
        rule = self.rule if self.rule != default.rule else None
        wanted = {
            "track": self.track,
            "tier": self.tier if self.tier != default.tier else "",
            "rule": rule.name if rule else "",
            "by": "" if self.ranked_by == self.columns[0] else self.column_name,
            "reported": "1" if self.reported else "",
            "verified": "1" if self.verified else "",
            "order": "worst" if self.turned else "",
        }
        query = urlencode({name: value for name, value in wanted.items() if value}, safe=":")
        return reverse("board", args=[self.benchmark.name]) + (f"?{query}" if query else "")

    def file(self, name: str) -> str:
        """Where the file of the same board is, whose address has this name."""
        query = self.address.partition("?")[2]
        return reverse(name, args=[self.benchmark.name]) + (f"?{query}" if query else "")

    @property
    def files(self) -> dict[str, str]:
        """Where the board is in other forms, by what they are called."""
        return {title: self.file(f"board-{form}") for form, title in FORMS.items()}

    @property
    def data_address(self) -> str:
        """The same board from the API, with every figure to the digits that are published."""
        wanted = {"track": self.track, "tier": self.tier, "ranked_by": self.column_name if self.ranked_by else ""}
        wanted["verified"] = "true" if self.verified else ""
        query = urlencode({name: value for name, value in wanted.items() if value}, safe=":")
        return reverse("api:leaderboard", args=[self.benchmark.name]) + (f"?{query}" if query else "")


def asked(benchmark: Benchmark, query: Mapping[str, str]) -> Asked:
    """What an address asks for. Raises LookupError, with a sentence, for a track, tier, rule or column there is not."""
    rule = _rule(benchmark, query)
    return Asked(
        benchmark=benchmark,
        track=_track(benchmark, query.get("track") or None),
        tier=_tier(benchmark, query.get("tier") or ""),
        rule=rule,
        ranked_by=_column(benchmark, query.get("by") or "", columns_of(benchmark, rule)),
        reported=query.get("reported") == "1",
        verified=query.get("verified") == "1",
        turned=query.get("order") == "worst",
    )


def _track(benchmark: Benchmark, name: str | None) -> str | None:
    return None if name is None else _one_of(benchmark, "track", name, [track.name for track in benchmark.tracks])


def _tier(benchmark: Benchmark, name: str) -> str:
    names = [tier.name for tier in benchmark.plan.tiers]
    return _one_of(benchmark, "tier", name, names) if name or not names else names[0]


def _rule(benchmark: Benchmark, query: Mapping[str, str]) -> Selection | None:
    """The rule by its name; without one, the rule of the column that is to rank, or the first."""
    rules = {rule.name: rule for rule in benchmark.plan.selections}
    if query.get("rule"):
        return rules[_one_of(benchmark, "selection rule", query["rule"], list(rules))]
    metric = query.get("by", "").partition(":")[0]
    return next((rule for rule in rules.values() if rule.metric == metric), next(iter(rules.values()), None))


def _column(benchmark: Benchmark, wanted: str, shown: tuple[int, ...]) -> int:
    names = {f"{c.metric}:{c.domain}": i for i, c in enumerate(benchmark.columns) if i in shown}
    return names[_one_of(benchmark, "column", wanted, list(names))] if wanted else shown[0]


def _one_of(benchmark: Benchmark, what: str, name: str, names: list[str]) -> str:
    if name and name not in names:
        raise LookupError(f"{benchmark.title} has no such {what}.")
    return name
