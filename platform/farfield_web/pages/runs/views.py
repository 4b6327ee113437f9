"""The runs of a submission: a list of them, each one's page, and logs."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from farfield_evaluators.run_plan import RunPlan
from farfield_web import vega
from farfield_web.errors import SubmissionError
from farfield_web.leaderboards.plots.usage import usage_plot
from farfield_web.pages.people import person_of
from farfield_web.pages.plot_view import plot_view
from farfield_web.pages.runs.groups import run_row, run_title
from farfield_web.pages.runs.part import TITLES, Part, asked_part
from farfield_web.pages.runs.pictures import content_of, of_run
from farfield_web.pages.submissions.view import is_of_many, run_view
from farfield_web.pages.submissions.view import log_tail as tail_of
from farfield_web.runs import verbs
from farfield_web.runs.logs import read
from farfield_web.runs.models import Run
from farfield_web.runs.plain import plain
from farfield_web.runs.pulse import pulse_of_run
from farfield_web.submissions.models import Submission

PER_PAGE = 100


@never_cache
@require_safe
@vary_on_headers("HX-Request")
def listing(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The runs of an entry, all or a part: `?status=failed`, and a value of an axis of its plan, such as `?trial=0`.

    Alone the table for htmx.
    """
    submission = get_object_or_404(Submission.objects.select_related("method", "owner", "upload__content"), pk=pk)
    benchmark = submission.known_benchmark
    plan = benchmark.plan if benchmark else None
    part = _part(request, submission, plan)
    page = Paginator(part.among(submission.runs.all()), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "submission": submission,
        "benchmark": benchmark,
        "rows": [
            run_row(run, plan, can_retry=verbs.can_retry_run(run, request.user), known=part.known)
            for run in page.object_list
        ],
        "page": page,
        "part": part.title,
        "query": part.query(part.status),
        "live": any(run.is_open for run in page.object_list),
        "choices": [
            {"title": title, "query": part.query(name), "current": name == part.status}
            for name, title in TITLES.items()
        ],
    }
    return render(request, f"pages/{'parts/run_table' if _is_part(request) else 'runs'}.html", context)


@never_cache
@require_safe
def detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One run: its progress, its timeline and its log, for anyone; the button is its owner's."""
    since = pulse_of_run(pk).mark  # before anything is read: what changes meanwhile is news
    return render(request, "pages/run.html", {**_context(request, pk), "since": since})


@never_cache
@require_safe
def live(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The part that changes while a run is open. 204 when nothing has changed since `seen`."""
    context = _context(request, pk)
    seen = request.GET.get("seen", "")
    if context["run"].seen == seen:
        return HttpResponse(status=204)
    announce = seen.partition(".")[0] != context["run"].status
    return render(request, "pages/parts/run_live.html", context | {"announce": announce})


@login_required
@require_http_methods(["GET", "POST"])
def retry(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Queue a failed or cancelled run of one's own again. A GET changes nothing and leads to the run's page."""
    run = get_object_or_404(Run.objects.select_related("submission"), pk=pk)
    if request.method != "POST":
        messages.info(request, "Nothing was changed. Press the button again.")
        return redirect("run", pk=pk)
    try:
        verbs.retry_run(run, person_of(request))
    except SubmissionError as error:
        if error.code == "submission.not_yours":
            raise PermissionDenied(error.message) from error
        messages.error(request, f"{error.message} {error.hint or ''}".strip())
    else:
        messages.success(request, "Queued again, as a new attempt.")
    return redirect("run", pk=pk)


@never_cache
@require_safe
def log(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The logs of a run's attempts, the newest first."""
    wanted = Run.objects.select_related("submission__method", "submission__owner", "submission__upload")
    run = get_object_or_404(wanted, pk=pk)
    submission, benchmark = run.submission, run.submission.known_benchmark
    context = {
        "run": run,
        "submission": submission,
        "benchmark": benchmark,
        "title": run_title(run, benchmark.plan if benchmark else None),
        "attempts": [{"number": number, "text": plain(text)} for number, text in reversed(_logs(run))],
    }
    return render(request, "pages/log.html", context)


@never_cache
@require_safe
def log_text(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The same as plain text, for programs, in the order in which it was written."""
    logs = _logs(get_object_or_404(Run, pk=pk))
    parts = (f"{divider(number) if len(logs) > 1 else ''}{plain(text)}" for number, text in logs)
    return HttpResponse("\n".join(parts), content_type="text/plain; charset=utf-8")


def divider(attempt: int) -> str:
    """The line between what two attempts wrote."""
    return f"{f' attempt {attempt} ':\N{BOX DRAWINGS LIGHT HORIZONTAL}^60}\n"


def _logs(run: Run) -> list[tuple[int, str]]:
    """(number, text) of each attempt that wrote something, and of the present one."""
    written = run.logs.order_by("attempt").values_list("attempt", flat=True)
    return [(attempt, read(run, attempt=attempt).text) for attempt in sorted({*written, run.attempt})]


@never_cache
@require_safe
def log_tail(request: HttpRequest, pk: uuid.UUID, attempt: int, offset: int) -> HttpResponse:
    """What a run's log gained behind `offset`; asks again while the run is open, and starts over at a new attempt."""
    run = get_object_or_404(Run, pk=pk)
    same = attempt == run.attempt
    piece = tail_of(run, offset if same else 0)
    text = piece.text if same else f"\n{divider(run.attempt)}{piece.text}"
    part = {"pk": run.pk, "attempt": run.attempt, "log": text, "log_end": piece.end, "live": run.is_open}
    return render(request, "pages/parts/log_tail.html", {"run": part})


def _context(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    wanted = Run.objects.select_related("submission__method", "submission__owner", "submission__upload__content")
    run = get_object_or_404(wanted.prefetch_related("events", "scores"), pk=pk)
    submission, benchmark, usage = run.submission, run.submission.known_benchmark, usage_plot(run)
    return {
        "submission": submission,
        "benchmark": benchmark,
        "of_many": benchmark is not None and is_of_many(benchmark, submission),
        "run": run_view(run, submission, benchmark),
        "title": run_title(run, benchmark.plan if benchmark else None),
        "can_retry": verbs.can_retry_run(run, request.user),
        "operated_run": run.pk,
        "pictures": of_run(run),
        "usage": plot_view(usage, reverse("api:run-usage", args=[run.pk]), f"run-{str(run.pk)[:8]}") if usage else None,
        "vega": reverse("vega", args=[vega.version()]) if usage else "",
    }


def _part(request: HttpRequest, submission: Submission, plan: RunPlan | None) -> Part:
    try:
        return asked_part(request.GET, submission.runs.values_list("cell", flat=True), plan)
    except LookupError as error:
        raise Http404(str(error)) from error


def _is_part(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")


@cache_control(private=True, max_age=86_400)
@require_safe
def picture(request: HttpRequest, pk: uuid.UUID, place: int, layer: str) -> HttpResponse:
    """A layer of a picture of a run, for whoever may see the run."""
    run = get_object_or_404(Run.objects.select_related("submission"), pk=pk)
    return HttpResponse(content_of(run, place, layer), content_type="image/webp")
