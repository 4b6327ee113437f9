"""The page of standings over a reader's choice of benchmarks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from farfield_web.gate import viewer_of
from farfield_web.kept import kept
from farfield_web.leaderboards.aggregates import BYS, MOST_COMPARED
from farfield_web.leaderboards.labels import NOT_RUN
from farfield_web.leaderboards.revision import revision_of_all
from farfield_web.leaderboards.sources import Found, StandingsError, asked, found_of
from farfield_web.leaderboards.standings_body import body_of
from farfield_web.pages.templatetags.figures import NONE, shown, shown_error
from farfield_web.submissions.models import Submission
from farfield_web.submissions.visibility import Viewer, entered_where_seen, with_scores

MOST_SHOWN = 200  # of each table; the API gives all
TITLES = {"mean-rank": "Mean rank", "win-rate": "Win rate", "mean-score": "Mean score"}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A board that may be chosen, with its domains; `name` is what the address has."""

    name: str
    title: str
    chosen: bool
    domains: tuple["Choice", ...] = ()


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A figure as text, with the page that it is from."""

    text: str
    error: str
    href: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """A method with its settings. `lacks` names what it is not on; then it has no rank."""

    name: str
    verified: bool
    labels: tuple[str, ...]
    cells: tuple[Cell, ...]
    rank: int | None = None
    ranks: str = ""
    value: str = ""
    interval: str = ""
    lacks: str = ""
    standing: Any = None


@dataclass(frozen=True, kw_only=True)
class StandingsView:
    """Everything that the page lays out of a table; `more` and `more_missing` count the rows that it leaves out."""

    title: str
    heads: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    missing: tuple[Line, ...]
    compared: bool
    many: bool
    more: int
    more_missing: int
    data_href: str


@require_safe
@kept(lambda request: revision_of_all())
def standings(request: HttpRequest) -> HttpResponse:
    """`?benchmarks=` once for each, `?by=` how they are put together, `?verified=1` only what was run here."""
    viewer, query = viewer_of(request), request.GET
    names, by, verified = query.getlist("benchmarks"), query.get("by") or BYS[0], query.get("verified") == "1"
    chosen = {part.strip() for name in names for part in name.split(",") if part.strip()}
    context: dict[str, Any] = {
        "section": "standings",
        "choices": choices(viewer, chosen),
        "ways": [(way, TITLES[way], way == by) for way in BYS],
        "verified": verified,
        "most": MOST_COMPARED,
    }
    if not chosen:
        return render(request, "pages/standings.html", context)
    try:
        found = found_of(asked(viewer, names, by, verified=verified))
    except StandingsError as error:
        return render(request, "pages/standings.html", {**context, "error": error}, status=400)
    return render(request, "pages/standings.html", {**context, "view": view_of(found)})


def choices(viewer: Viewer, chosen: set[str]) -> list[Choice]:
    """The boards that something was entered for, one for each tier."""
    seen = Submission.objects.filter(entered_where_seen(viewer)).order_by()
    entered = set(seen.values_list("benchmark", "tier").distinct())
    return [
        _choice(f"{benchmark.name}@{tier}" if tier else benchmark.name, benchmark, tier, chosen)
        for benchmark in with_scores(viewer)
        for tier in [each.name for each in benchmark.plan.tiers] or [""]
        if (benchmark.name, tier) in entered
    ]


def _choice(name: str, benchmark: Any, tier: str, chosen: set[str]) -> Choice:
    title = f"{benchmark.title}, {benchmark.tier(tier).title}" if tier else benchmark.title
    domains = (
        Choice(name=f"{name}:{domain.name}", title=domain.title, chosen=f"{name}:{domain.name}" in chosen)
        for domain in benchmark.domains
    )
    return Choice(name=name, title=title, chosen=name in chosen, domains=tuple(domains))


def view_of(found: Found) -> StandingsView:
    """The page's view of the first of what the API gives."""
    body, rows, missing = body_of(found, MOST_SHOWN), found.standings.rows, found.standings.missing
    columns, by = body["columns"], body["by"]
    unit = columns[0]["unit"] if by == "mean-score" else "%" if by == "win-rate" else ""
    query = [("benchmarks", column["name"]) for column in columns]
    query += [("by", by), *([("verified", "true")] if body["verified_only"] else [])]
    return StandingsView(
        title=TITLES[by],
        heads=tuple((column["benchmark_title"], column["title"]) for column in columns),
        lines=tuple(_line(row, columns, unit) for row in body["rows"]),
        missing=tuple(_line(row, columns, unit) for row in body["missing"]),
        compared=body["compared"],
        many=len(rows) > MOST_COMPARED,
        more=max(0, len(rows) - MOST_SHOWN),
        more_missing=max(0, len(missing) - MOST_SHOWN),
        data_href=f"{reverse('api:standings')}?{urlencode(query)}",
    )


def _line(row: Mapping[str, Any], columns: Sequence[Mapping[str, Any]], unit: str) -> Line:
    cells = (_cell(figure, column["unit"]) for figure, column in zip(row["figures"], columns, strict=True))
    lacks = ", ".join(row.get("lacks", ()))
    own = {"name": row["name"], "verified": row["verified"], "labels": () if row["verified"] else (NOT_RUN,)}
    if "rank" not in row:
        return Line(**own, cells=tuple(cells), lacks=lacks)
    several = row["rank_low"] is not None and row["rank_low"] < row["rank_high"]
    return Line(
        **own,
        cells=tuple(cells),
        rank=row["rank"],
        ranks=f"{row['rank_low']}\u2013{row['rank_high']}" if several else "",
        value=_value(row["value"], unit),
        interval=_interval(row["low"], row["high"], unit),
    )


def _interval(low: float | None, high: float | None, unit: str) -> str:
    """Nothing where it is not known, and where it is a point: ranks that are certain."""
    return "" if low is None or high is None or low == high else f"{_value(low, unit)} to {_value(high, unit)}"


def _value(value: float, unit: str) -> str:
    return shown(value, unit) if unit == "%" else f"{value:.4g}"


def _cell(figure: Mapping[str, Any], unit: str) -> Cell:
    if figure["value"] is None:
        return Cell(text=NONE, error="", href="")
    href = reverse("submission", args=[figure["submission"]])
    return Cell(text=shown(figure["value"], unit), error=shown_error(figure["stderr"], unit), href=href)
