"""Entering a method: benchmark, method, then track and settings."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from farfield.choices import INPUT
from farfield.config import JsonObject
from farfield_evaluators.benchmark import Benchmark
from farfield_web.errors import SubmissionError
from farfield_web.gate import viewer_of
from farfield_web.hosting.questions import Question
from farfield_web.hosting.rules import rules_of
from farfield_web.leaderboards.queries import with_data
from farfield_web.pages import describe
from farfield_web.pages.boards.benchmarks import find_or_404
from farfield_web.pages.forms import AboutSubmissionForm
from farfield_web.pages.hosting.intake import intake_of
from farfield_web.pages.people import person_of
from farfield_web.pages.submit import drafts
from farfield_web.pages.submit.bring import REPEATED, doors_of
from farfield_web.pages.submit.config_form import PREFIX, ConfigForm
from farfield_web.pages.submit.drafts import sign_in_first
from farfield_web.pages.submit.question_fields import answers_of
from farfield_web.pages.submit.tier_form import tier_choices
from farfield_web.pages.views.account import quota_left
from farfield_web.runs.repeats import Repeated
from farfield_web.runs.submit import Request, submit
from farfield_web.submissions.claims import refusals
from farfield_web.submissions.kinds import Origin
from farfield_web.submissions.models import Method, Submission
from farfield_web.submissions.offered import is_taken, offered_methods
from farfield_web.submissions.quota import quota_of
from farfield_web.submissions.visibility import visible

KEY_LENGTH = 64


@require_safe
def choose_benchmark(request: HttpRequest) -> HttpResponse:
    """Step 1: first what is evaluated here, then what waits for its data."""
    counts = offered_methods().order_by().values_list("family").annotate(Count("pk"))
    methods = dict(counts)
    items = [
        {"benchmark": one, "family": describe.family_title(one.family), "methods": methods.get(one.family.value, 0)}
        for one in visible(viewer_of(request))
    ]
    ready = with_data()
    waiting = [item for item in items if item["benchmark"].name not in ready]
    context = {
        "section": "submit",
        "groups": describe.by_family(item for item in items if item["benchmark"].name in ready),
        "waiting": describe.by_family(waiting),
        "count": len(waiting),
        "with_data": ready,
    }
    return render(request, "pages/submit.html", context)


@require_safe
def choose_method(request: HttpRequest, name: str) -> HttpResponse:
    """Step 2: one of four ways."""
    benchmark = find_or_404(name)
    offered = offered_methods() if benchmark.runs_methods else offered_methods().none()
    methods = offered.filter(family=benchmark.family.value).order_by("name")
    context = {
        "section": "submit",
        "benchmark": benchmark,
        "family": describe.family_title(benchmark.family),
        "with_data": with_data(),
        "intake": intake_of(benchmark.name),
        "methods": [{"method": method, "tracks": _open_tracks(benchmark, method)} for method in methods],
        "ways": [
            {"name": way, "title": door.title, "about": door.about, "taken": is_taken(door.form.kind)}
            for way, door in doors_of(benchmark).items()
        ],
    }
    return render(request, "pages/submit_benchmark.html", context)


@dataclass(kw_only=True)
class Entry:
    """The form of step 3 and what is wrong with it."""

    config: ConfigForm
    about: AboutSubmissionForm
    track: str = ""
    tier: str = ""
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    track_error: str = ""
    tier_error: str = ""
    problem: str = ""
    repeats: Submission | None = None

    @property
    def has_errors(self) -> bool:
        return bool(self.config.errors or self.about.errors or self.track_error or self.tier_error or self.problem)


@never_cache
@sign_in_first
@require_http_methods(["GET", "POST"])
def configure(request: HttpRequest, name: str, method: str) -> HttpResponse:
    """Step 3. Sending the same form twice makes one submission."""
    benchmark, chosen = find_or_404(name), get_object_or_404(Method, name=method)
    if benchmark.no_methods:
        messages.info(request, benchmark.no_methods)
        return redirect("submit-benchmark", benchmark.name)
    if chosen.origin == Origin.PREDICTIONS:
        raise Http404(f"{chosen.name} is known by its predictions only.")
    if chosen.family != benchmark.family.value:
        raise Http404(f"{chosen.name} is a method of another family than {benchmark.title}.")
    if request.method != "POST":
        return _page(request, benchmark, chosen, _begun(request, benchmark, chosen))
    entry = _received(request.POST, benchmark, chosen)
    submission = _submitted(request, benchmark, chosen, entry)
    if submission is None:
        return _page(request, benchmark, chosen, entry)
    messages.success(request, "Submitted. This page follows its evaluation.")
    return redirect("submission", pk=submission.pk)


def _begun(request: HttpRequest, benchmark: Benchmark, method: Method) -> Entry:
    """The form as it is first shown, or as it was filled in before signing in."""
    draft = drafts.take(request)
    if draft is not None:
        return _received(draft, benchmark, method)
    chosen = method.chosen({INPUT: request.GET.get(INPUT)})
    config = ConfigForm(_schema(benchmark, chosen), drawn=_drawn(benchmark))
    return Entry(config=config, about=AboutSubmissionForm(_asked(benchmark)), tier=request.GET.get("tier", ""))


def _received(sent: QueryDict, benchmark: Benchmark, method: Method) -> Entry:
    key = sent.get("idempotency_key", "")
    chosen = method.chosen({INPUT: sent.get(f"{PREFIX}-{INPUT}")})
    entry = Entry(
        config=ConfigForm(_schema(benchmark, chosen), sent, drawn=_drawn(benchmark)),
        about=AboutSubmissionForm(_asked(benchmark), sent),
        track=sent.get("track", ""),
        tier=sent.get("tier", ""),
        key=key if 0 < len(key) <= KEY_LENGTH else uuid.uuid4().hex,
    )
    entry.track_error = "" if entry.track else "Choose a track."
    entry.tier_error = "Choose a tier." if benchmark.plan.tiers and not entry.tier else ""
    return entry


def _asked(benchmark: Benchmark) -> Sequence[Question]:
    return rules_of(benchmark.name).questions


def _schema(benchmark: Benchmark, method: Method) -> JsonObject:
    return benchmark.plan.settings(method.description, every=False)


def _drawn(benchmark: Benchmark) -> str:
    """By what settings are drawn that nobody sets; empty where they are the method's defaults."""
    return benchmark.plan.prose.whole if benchmark.plan.draws else ""


def _submitted(request: HttpRequest, benchmark: Benchmark, method: Method, entry: Entry) -> Submission | None:
    if not (entry.config.is_valid() & entry.about.is_valid()) or entry.track_error or entry.tier_error:
        return None
    wanted = Request(
        benchmark=benchmark.name,
        method=method.name,
        track=entry.track,
        tier=entry.tier,
        config=entry.config.cleaned_data,
        title=entry.about.cleaned_data["title"],
        note=entry.about.cleaned_data["note"],
        answers=answers_of(entry.about.cleaned_data),
        team=entry.about.cleaned_data["team"],
        again=request.POST.get("again") == "on",
    )
    try:
        return submit(person_of(request), wanted, entry.key)
    except SubmissionError as error:
        _explain(error, entry)
        return None


def _explain(error: SubmissionError, entry: Entry) -> None:
    if error.code == "idempotency.reused":
        entry.key = uuid.uuid4().hex
        entry.problem = (
            "You sent this form before, with other values; that submission is in your list. "
            "Press Submit once more if you want this one as well."
        )
    elif isinstance(error, Repeated):
        entry.repeats, entry.problem = error.earlier, REPEATED
    elif error.field == "track":
        entry.track_error = error.message
    elif error.field == "tier":
        entry.tier_error = f"{error.message} {error.hint or ''}".strip()
    elif error.field in entry.about.fields:
        entry.about.add_error(error.field, error.message)
    else:
        entry.problem = f"{error.message} {error.hint or ''}".strip()


def _page(request: HttpRequest, benchmark: Benchmark, method: Method, entry: Entry) -> HttpResponse:
    wanted = entry.config.schema["properties"].get(INPUT, {}).get("default", "")
    chosen = method.chosen({INPUT: wanted})
    context = {
        "section": "submit",
        "benchmark": benchmark,
        "method": chosen,
        "inputs": describe.inputs_by_name(method.spec, wanted),
        "entry": entry,
        "tiers": tier_choices(benchmark, entry.tier),
        "tracks": _tracks(benchmark, chosen, entry.track),
        "quota": quota_left(quota_of(person_of(request), benchmark.name)),
        "with_data": with_data(),
        "intake": intake_of(benchmark.name),
    }
    return render(
        request,
        "pages/submit_method.html",
        context,
        status=422 if entry.has_errors and request.method == "POST" else 200,
    )


def _tracks(benchmark: Benchmark, method: Method, chosen: str) -> list[dict[str, Any]]:
    reasons = refusals(benchmark, method)
    open_names = [track.name for track in benchmark.tracks if not reasons[track.name]]
    checked = chosen if chosen in open_names else next(iter(open_names), "")
    return [
        {"track": track, "refusals": reasons[track.name], "checked": track.name == checked}
        for track in benchmark.tracks
    ]


def _open_tracks(benchmark: Benchmark, method: Method) -> list[str]:
    reasons = refusals(benchmark, method)
    return [track.title for track in benchmark.tracks if not reasons[track.name]]
