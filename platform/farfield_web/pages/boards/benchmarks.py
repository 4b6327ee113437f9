"""Benchmarks: what is measured, on which data, by which rules."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from farfield.errors import UnknownName
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import card_of, find
from farfield_evaluators.prose import Prose
from farfield_web.api.links import page
from farfield_web.exports.croissant import as_croissant
from farfield_web.gate import viewer_of
from farfield_web.hosting.hidden import hidden_from, may_host
from farfield_web.leaderboards.queries import current_data, with_data
from farfield_web.operations.models import FrozenBoard
from farfield_web.pages import describe
from farfield_web.pages.boards.examples import BY, strip_of
from farfield_web.pages.boards.group_table import Place, places_of
from farfield_web.pages.boards.opening import entries_of_each
from farfield_web.pages.coverage.view import links_of
from farfield_web.pages.hosting.intake import intake_of
from farfield_web.pages.runs.pictures import DomainSamples, of_benchmark
from farfield_web.submissions.models import BenchmarkData
from farfield_web.submissions.visibility import visible

MOST_GROUPS_LISTED = 40
PARTS = {
    "train": "to be fitted on, with labels",
    "val": "to select by, with labels",
    "unlabeled": "to learn from, without labels",
    "target": "a few of the test's domain to adapt to, with labels",
    "target_val": "a few of it to select by, with labels",
    "ood_val": "out of distribution, to select by",
    "pool": "without labels, of which a method may ask for some",
    "forget": "to be recognised no more, with labels",
    "base": "annotated images of the base classes",
    "support": "the few annotated images of the novel classes",
}


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All benchmarks of the catalogue: first those that can be entered now, then those whose data nobody has here."""
    ready, entries = with_data(), entries_of_each()
    items = [_item(each, entries.get(each.name, 0)) for each in visible(viewer_of(request))]
    live = sorted((item for item in items if item["name"] in ready), key=lambda item: -item["entries"])
    waiting = [item for item in items if item["name"] not in ready]
    context = {
        "section": "benchmarks",
        "live": live,
        "waiting": describe.by_family(waiting),
        "count": len(waiting),
        "credit": BY,
        "with_data": ready,
    }
    return render(request, "pages/benchmarks.html", context)


def _item(benchmark: Benchmark, entries: int) -> dict[str, Any]:
    return {
        "benchmark": benchmark,
        "name": benchmark.name,
        "family": describe.family_title(benchmark.family),
        "entries": entries,
        "strip": strip_of(benchmark.name),
    }


@require_safe
def detail(request: HttpRequest, name: str) -> HttpResponse:
    """One benchmark: protocol, domains, metrics, tracks, data."""
    benchmark = find_or_404(name)
    data = current_data(benchmark.name)
    context = {
        "section": "benchmarks",
        "benchmark": benchmark,
        "family": describe.family_title(benchmark.family),
        "headline": _headline(benchmark),
        "tiers": _tiers(benchmark, data.fingerprint if data else ""),
        "domains": _domains(benchmark, data.counts if data else {}),
        "parts": _parts(benchmark, data.counts if data else {}),
        "groupings": _groupings(places_of(benchmark, data.groups if data else [])),
        "standing_rules": describe.rules_in_words(benchmark),
        "standing_source": describe.paper(benchmark.standing.source) if benchmark.standing else None,
        "data": data,
        "states": BenchmarkData.objects.filter(benchmark=benchmark.name).order_by("-announced_at"),
        "frozen": FrozenBoard.objects.filter(benchmark=benchmark.name).defer("content"),
        "examples": _examples(request, benchmark, data),
        "prose": benchmark.plan.prose,
        "train_of": _own_training_sets(benchmark),
        "intake": intake_of(benchmark.name),
        "covered": list(links_of("benchmark", benchmark.name)),
        "json_ld": _in_page(croissant_of(benchmark, data)),
        "may_host": may_host(request.user, benchmark.name),
        **_runs(benchmark),
    }
    return render(request, "pages/benchmark.html", context)


def _examples(request: HttpRequest, benchmark: Benchmark, data: BenchmarkData | None) -> tuple[DomainSamples, ...]:
    """Images that runs brought, which lie at the addresses of entries; none to whom its entries are hidden from."""
    found = of_benchmark(benchmark, data)
    hidden = bool(found) and hidden_from(request.user).filter(benchmark=benchmark.name).exists()
    return () if hidden else found


def croissant_of(benchmark: Benchmark, data: BenchmarkData | None) -> dict[str, Any]:
    """The description of a benchmark's data, with their counts where a worker has told them."""
    return as_croissant(benchmark, card_of(benchmark.name), data, page("benchmark", benchmark.name))


def _in_page(described: dict[str, Any]) -> SafeString:
    """The description within a page, for searches that read no files: a block of data, which no browser runs."""
    return SafeString(json_script(described).replace("application/json", "application/ld+json", 1))


@require_safe
def card(request: HttpRequest, name: str) -> HttpResponse:
    """The card of a benchmark, as its suite wrote it: plain Markdown, which no page of ours runs or renders."""
    return HttpResponse(card_of(find_or_404(name).name), content_type="text/plain; charset=utf-8")


def find_or_404(name: str) -> Benchmark:
    """The benchmark; a 404 that names those there are."""
    try:
        return find(name)
    except UnknownName as error:
        raise Http404(str(error)) from error


def _runs(benchmark: Benchmark) -> dict[str, Any]:
    """How many runs an entry is where there is no tier to choose, and what they are called: by their only axis."""
    plan = benchmark.plan
    word = plan.axes[0].title.lower() if len(plan.axes) == 1 else "run"
    return {"runs": 0 if plan.tiers else plan.count(""), "run_word": word}


def _own_training_sets(benchmark: Benchmark) -> str:
    """What has a training set of its own each, such as "fold", where its name has places for it; empty elsewhere."""
    axes = [axis.title.lower() for axis in benchmark.plan.axes if f"{{{axis.name}}}" in (benchmark.train_set or "")]
    return " and ".join(axes)


def _headline(benchmark: Benchmark) -> str:
    """What the board is ranked by; with the selection where there are some, because then there are several averages."""
    column = benchmark.columns[0]
    rule = next((rule for rule in benchmark.plan.selections if rule.metric == column.metric), None)
    return f"{column.title} by {rule.title.lower()}" if rule else column.title


def _tiers(benchmark: Benchmark, fingerprint: str) -> list[dict[str, Any]]:
    """The tiers of a benchmark, with their comparability keys once the data are known."""
    return [
        {"tier": tier, "key": benchmark.comparability_key(fingerprint, tier.name) if fingerprint else ""}
        for tier in benchmark.plan.tiers
    ]


def _parts(benchmark: Benchmark, counts: dict[str, Any]) -> list[dict[str, Any]]:
    """What a method may learn from: each part by the name under which `fit` gets it, its set, and how many examples."""
    learned = benchmark.learned_from()
    return [{"name": name, "set": of, "about": PARTS[name], "count": counts.get(name)} for name, of in learned.items()]


def _groupings(places: Iterable[Place]) -> list[dict[str, Any]]:
    """A table for each grouping: groups by test domains, with their counts; of many only how many there are."""
    by: dict[tuple[str, ...], list[Place]] = {}
    for place in places:
        by.setdefault(place.by, []).append(place)
    return [_grouping(members) for members in by.values()]


def _grouping(places: list[Place]) -> dict[str, Any]:
    titles = dict.fromkeys(group.title for place in places for group in place.groups)
    counts = [{group.title: group.count for group in place.groups} for place in places]
    rows = [{"title": title, "counts": [of.get(title) for of in counts]} for title in titles]
    empty = sum(group.is_empty for place in places for group in place.groups)
    shown = rows if len(rows) <= MOST_GROUPS_LISTED else []
    return {"over": places[0].over, "domains": places, "rows": shown, "total": len(rows), "empty": empty}


def _domains(benchmark: Benchmark, counts: dict[str, Any]) -> list[dict[str, Any]]:
    prose = benchmark.plan.prose
    part = prose.part.capitalize() if prose.part != Prose.part else ""
    return [
        {
            "title": domain.title,
            "name": "" if domain.name.lower() == domain.title.lower() else domain.name,
            "recorded": prose.recorded.replace("{}", str(number)),
            "part": part or describe.PARTS[domain.role],
            "count": counts.get(domain.name),
        }
        for number, domain in enumerate(benchmark.domains)
    ]
