"""Benchmarks: what is measured, on which data, by which rules."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from farfield import Benchmark
from farfield.errors import UnknownName
from farfield_evaluators.catalog import BENCHMARKS, find
from farfield_web.leaderboards.queries import current_data
from farfield_web.pages import describe


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All benchmarks of the catalogue."""
    items = [{"benchmark": one, "family": describe.family_title(one.family)} for one in BENCHMARKS]
    return render(request, "pages/benchmarks.html", {"section": "benchmarks", "benchmarks": items})


@require_safe
def detail(request: HttpRequest, name: str) -> HttpResponse:
    """One benchmark: protocol, domains, metrics, tracks, data."""
    benchmark = find_or_404(name)
    data = current_data(benchmark.name)
    context = {
        "section": "benchmarks",
        "benchmark": benchmark,
        "family": describe.family_title(benchmark.family),
        "headline": benchmark.columns[0].title,
        "domains": _domains(benchmark, data.counts if data else {}),
        "data": data,
    }
    return render(request, "pages/benchmark.html", context)


def find_or_404(name: str) -> Benchmark:
    """The benchmark; a 404 that names those there are."""
    try:
        return find(name)
    except UnknownName as error:
        raise Http404(str(error)) from error


def _domains(benchmark: Benchmark, counts: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"title": domain.title, "part": describe.PARTS[domain.role], "count": counts.get(domain.name)}
        for domain in benchmark.domains
    ]
