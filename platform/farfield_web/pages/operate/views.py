"""The pages: what is going on, and a form for every deed."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from farfield_web.accounts.models import User
from farfield_web.errors import UserError
from farfield_web.operations import audit, overview
from farfield_web.operations.deeds.base import Deed, Field
from farfield_web.operations.deeds.perform import DEEDS, perform
from farfield_web.operations.intake import pause_now
from farfield_web.operations.models import OPEN as STILL
from farfield_web.operations.models import Ban, PersonalQuota, Result, Verdict
from farfield_web.pages.operate.changed import changed_lines
from farfield_web.pages.operate.doors import operators_only
from farfield_web.pages.people import person_of
from farfield_web.runs.models import Run
from farfield_web.runs.status import OPEN
from farfield_web.submissions.models import NameRule, Ruling

PER_PAGE = 50
MOST_RUNS = 100


def _page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    return render(request, f"pages/operate/{name}.html", {"section": "operate", "place": name, **context})


@operators_only
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Queues, workers, and what waits for a decision."""
    pending = Result.objects.filter(verdict=Verdict.CHANGED, decision="")
    return _page(
        request,
        "home",
        pause=pause_now(),
        queues=overview.queues(),
        workers=overview.worker_states(),
        changed=changed_lines(pending.order_by("id")),
    )


@operators_only
@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """The open runs: those that are under way, then those that wait, the next first."""
    order = ("-lease_until", "-priority", "queued_at", "trial")
    open_runs = Run.objects.filter(status__in=OPEN).select_related("submission__owner", "submission__method")
    text = request.GET.get("q", "").strip()
    chosen = _of(open_runs, text) if text else open_runs
    page = Paginator(chosen.order_by(*order), MOST_RUNS).get_page(request.GET.get("page"))
    return _page(request, "runs", page=page, text=text)


def _of(runs: QuerySet[Run], text: str) -> QuerySet[Run]:
    fields = ("worker", "submission__owner__username", "submission__method_name", "submission__benchmark")
    condition = Q()
    for field in fields:
        condition |= Q(**{f"{field}__icontains": text})
    return runs.filter(condition)


@operators_only
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """Which benchmarks have no data, and which worker has which."""
    return _page(request, "data", benchmarks=overview.benchmark_states())


@operators_only
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Bans, quotas and names."""
    return _page(
        request,
        "people",
        bans=Ban.objects.filter(STILL).select_related("person").order_by("-at"),
        quotas=PersonalQuota.objects.select_related("person"),
        rules=NameRule.objects.select_related("holder"),
    )


@operators_only
@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    """Every ruling there was, and every result that changed."""
    rulings = Ruling.objects.select_related("submission__method").order_by("-id")
    changed = Result.objects.filter(verdict=Verdict.CHANGED).order_by("-id")
    return _page(
        request,
        "corrections",
        page=Paginator(rulings, PER_PAGE).get_page(request.GET.get("page")),
        changed=changed_lines(changed[:PER_PAGE]),
    )


@operators_only
@require_safe
def storage(request: HttpRequest) -> HttpResponse:
    """Who and what takes how much room."""
    return _page(request, "storage", people=overview.stored_by_person(), kinds=overview.stored_by_kind())


@operators_only
@require_safe
def audit_log(request: HttpRequest) -> HttpResponse:
    """What was done, by whom, and why."""
    text = request.GET.get("q", "").strip()[:200]
    page = Paginator(audit.lines(text), PER_PAGE).get_page(request.GET.get("page"))
    return _page(request, "audit", page=page, text=text)


@operators_only
@require_http_methods(["GET", "POST"])
def deed(request: HttpRequest, name: str) -> HttpResponse:
    """A form for a deed, filled from the query; a POST does it, and leads back to where it was asked for."""
    if name not in DEEDS:
        raise Http404("There is no such deed.")
    chosen, person = DEEDS[name], person_of(request)
    if request.method != "POST":
        return _form(request, chosen, request.GET)
    try:
        said = perform(person, name, _given(chosen, request.POST))
    except UserError as error:
        return _form(request, chosen, request.POST, error)
    messages.success(request, said)
    return redirect(_back(request))


def _given(chosen: Deed, sent: Mapping[str, Any]) -> dict[str, Any]:
    return {one.name: sent[one.name] for one in chosen.fields if one.name in sent}


def _form(request: HttpRequest, chosen: Deed, given: Mapping[str, Any], error: UserError | None = None) -> HttpResponse:
    fields = [_shown(one, given, error) for one in chosen.fields]
    at_field = any(field["error"] for field in fields)
    context = {
        "deed": chosen,
        "fields": fields,
        "error": error if error is not None and not at_field else None,
        "next": given.get("next", ""),
        "people": User.objects.order_by("username").values_list("username", flat=True)[:200],
    }
    response = _page(request, "deed", **context)
    response.status_code = 422 if error else 200
    return response


def _shown(one: Field, given: Mapping[str, Any], error: UserError | None) -> dict[str, Any]:
    said = f"{error.message} {error.hint or ''}".strip() if error is not None and error.field == one.name else ""
    return {"field": one, "value": given.get(one.name, ""), "error": said}


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "operate"
