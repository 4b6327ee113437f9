"""What is compared."""

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from farfield.departures import DEPARTURES
from farfield_web.entries.names import hidden_methods, shown_holder
from farfield_web.gate import viewer_of
from farfield_web.hosting.hidden import names_hidden_from
from farfield_web.kept import kept
from farfield_web.leaderboards.revision import revision_of_all
from farfield_web.pages import describe
from farfield_web.pages.coverage.view import links_of
from farfield_web.pages.methods.results import results_of, versions_of
from farfield_web.submissions.kinds import Origin
from farfield_web.submissions.models import Method
from farfield_web.submissions.offered import now_called, offered_methods
from farfield_web.submissions.visibility import visible

ORIGINS = {
    Origin.INSTALLED: "installed by the operator",
    Origin.PACKAGE: "a package",
    Origin.CONTAINER: "a container image",
    Origin.PREDICTIONS: "predictions, not run here",
}


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All methods that can be submitted, by family."""
    methods = offered_methods().select_related("owner").order_by("family", "name")
    viewer = viewer_of(request)
    hidden = hidden_methods(viewer)
    groups = [
        {
            "name": family,
            "title": describe.family_title(family),
            "methods": [
                {
                    "name": each.name,
                    "summary": each.summary,
                    "holder": shown_holder(each, viewer, hidden),
                    "claims": each.spec["claims"],
                }
                for each in members
            ],
        }
        for family, members in groupby(methods, key=lambda method: method.family)
    ]
    return render(request, "pages/methods.html", {"section": "methods", "groups": groups})


def _stamp(request: HttpRequest, name: str) -> object:
    """What boards show, and the method as it was last described."""
    told = Method.objects.filter(name=name).values_list("announced_at", "available", "former").first()
    return None if told is None else (revision_of_all(), *told)


@require_safe
@kept(_stamp)
def detail(request: HttpRequest, name: str) -> HttpResponse:
    """A method: what it is, what it learned from, its settings, its results."""
    method = get_object_or_404(Method.objects.select_related("owner"), name=name)
    offered = offered_methods().filter(pk=method.pk).exists()
    suitable = [benchmark for benchmark in visible(viewer_of(request)) if benchmark.family == method.family]
    spec, hidden = method.spec, names_hidden_from(viewer_of(request))
    context = {
        "section": "methods",
        "method": method,
        "family": describe.family_title(method.family),
        "submit_to": suitable if offered else [],
        "not_submittable": _why_not(method, offered),
        "results": (results := results_of(method, [each for each in suitable if each.name not in hidden])),
        "several": any(result.entries > 1 for result in results),
        "versions": versions_of(method, viewer_of(request)),
        "holder": shown_holder(method, viewer_of(request)),
        "origin": ORIGINS[Origin(method.origin)],
        "departures": [DEPARTURES[name] for name in spec["claims"].get("departs", ()) if name in DEPARTURES],
        "is_run": method.origin != Origin.PREDICTIONS,
        "inputs": describe.inputs_of(spec),
        "choices": describe.inputs_by_name(spec),
        "now": None if offered else now_called(method.name),
        "resources": describe.resources_of(spec.get("resources", {})),
        "settings": describe.settings_of(method.config_schema),
        "papers": [describe.paper(text) for text in spec.get("papers", [])],
        "covered": [] if method.owner_id else list(links_of("method", method.name)),
        "code_link": describe.web_address(str(spec.get("code", ""))),
    }
    return render(request, "pages/method.html", context)


def _why_not(method: Method, offered: bool) -> str:
    if method.origin == Origin.PREDICTIONS:
        return "It is known by its predictions only, so there is nothing to configure or run. Its results stay."
    if not offered:
        return "No worker offers this method at present, so it cannot be submitted. Its results stay."
    return "This site has no benchmark of its family yet, so it cannot be submitted."
