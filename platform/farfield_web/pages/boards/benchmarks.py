"""Benchmarks: what is measured, on which data, by which rules."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from farfield.errors import UnknownName
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_evaluators.prose import Prose
from farfield_web.gate import viewer_of
from farfield_web.leaderboards.queries import current_data, with_data
from farfield_web.pages import describe
from farfield_web.submissions.visibility import visible


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All benchmarks of the catalogue."""
    items = [{"benchmark": one, "family": describe.family_title(one.family)} for one in visible(viewer_of(request))]
    context = {"section": "benchmarks", "groups": describe.by_family(items), "with_data": with_data()}
    return render(request, "pages/benchmarks.html", context)


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
        "data": data,
        "prose": benchmark.plan.prose,
        "train_of": _own_training_sets(benchmark),
        **_runs(benchmark),
    }
    return render(request, "pages/benchmark.html", context)


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
