"""The hosts' page of a benchmark: its intake, its phases, what it asks."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from farfield_evaluators.benchmark import Benchmark
from farfield_web.errors import HostingError
from farfield_web.hosting.change import add_phase, change, close_phase
from farfield_web.hosting.hidden import may_host
from farfield_web.hosting.models import Phase
from farfield_web.hosting.rules import hosts_of, is_open, rules_of
from farfield_web.pages.boards.benchmarks import find_or_404
from farfield_web.pages.hosting.forms import PhaseForm, RulesForm, in_utc, values_of
from farfield_web.pages.people import person_of


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest, name: str) -> HttpResponse:
    """Change the rules, add a phase, or close one: `do` of the form says which."""
    benchmark = find_or_404(name)
    if not may_host(request.user, benchmark.name):
        raise PermissionDenied("Only the hosts of this benchmark and operators may do that.")
    if request.method != "POST":
        return _page(request, benchmark, RulesForm(values_of(rules_of(benchmark.name))), PhaseForm(initial={"most": 0}))
    if "close" in request.POST:
        phase = get_object_or_404(Phase, benchmark=benchmark.name, name=request.POST["close"])
        close_phase(phase, by=person_of(request))
        messages.success(request, "Closed.")
        return redirect("hosting", benchmark.name)
    return _add(request, benchmark) if request.POST.get("do") == "phase" else _change(request, benchmark)


def _change(request: HttpRequest, benchmark: Benchmark) -> HttpResponse:
    form = RulesForm(request.POST)
    if form.is_valid():
        try:
            change(benchmark.name, in_utc(form.cleaned_data), by=person_of(request))
        except HostingError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, "Saved. It holds from now on.")
            return redirect("hosting", benchmark.name)
    return _page(request, benchmark, form, PhaseForm(initial={"most": 0}), status=422)


def _add(request: HttpRequest, benchmark: Benchmark) -> HttpResponse:
    form = PhaseForm(request.POST)
    if form.is_valid():
        try:
            add_phase(benchmark.name, **in_utc(form.cleaned_data), by=person_of(request))
        except HostingError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, "Added.")
            return redirect("hosting", benchmark.name)
    return _page(request, benchmark, RulesForm(values_of(rules_of(benchmark.name))), form, status=422)


def _page(
    request: HttpRequest, benchmark: Benchmark, form: RulesForm, phase: PhaseForm, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    phases = [
        {"phase": each, "open": is_open(each, now), "ended": each.closes_at is not None and each.closes_at <= now}
        for each in rules_of(benchmark.name).phases
    ]
    context = {
        "section": "benchmarks",
        "benchmark": benchmark,
        "hosts": hosts_of(benchmark),
        "form": form,
        "phase_form": phase,
        "phases": phases,
    }
    return render(request, "pages/hosting.html", context, status=status)
