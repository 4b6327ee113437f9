"""What is compared."""

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from farfield_evaluators.catalog import BENCHMARKS
from farfield_web.pages import describe
from farfield_web.pages.board_view import results_of
from farfield_web.submissions.models import Method


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All methods that workers offer, by family."""
    methods = Method.objects.filter(available=True).order_by("family", "name")
    groups = [
        {"name": family, "title": describe.family_title(family), "methods": list(members)}
        for family, members in groupby(methods, key=lambda method: method.family)
    ]
    return render(request, "pages/methods.html", {"section": "methods", "groups": groups})


@require_safe
def detail(request: HttpRequest, name: str) -> HttpResponse:
    """A method: what it is, what it learned from, its settings, its results."""
    method = get_object_or_404(Method, name=name)
    benchmarks = [benchmark for benchmark in BENCHMARKS if benchmark.family == method.family]
    spec = method.spec
    context = {
        "section": "methods",
        "method": method,
        "family": describe.family_title(method.family),
        "submit_to": benchmarks if method.available else [],
        "not_submittable": _why_not(method),
        "results": results_of(method, benchmarks),
        "inputs": describe.inputs_of(spec.get("inputs", {})),
        "resources": describe.resources_of(spec.get("resources", {})),
        "settings": describe.settings_of(method.config_schema),
        "papers": [describe.paper(text) for text in spec.get("papers", [])],
        "code_link": describe.web_address(str(spec.get("code", ""))),
    }
    return render(request, "pages/method.html", context)


def _why_not(method: Method) -> str:
    if not method.available:
        return "No worker offers this method at present, so it cannot be submitted. Its results stay."
    return "This site has no benchmark of its family yet, so it cannot be submitted."
