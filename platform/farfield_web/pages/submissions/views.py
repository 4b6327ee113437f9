"""What was entered: a person's list, a submission's page and its live parts."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Exists, Max, OuterRef, Q, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from farfield_web.accounts.models import User
from farfield_web.errors import SubmissionError
from farfield_web.gate import viewer_of
from farfield_web.hosting.hidden import hidden_from
from farfield_web.kept import kept
from farfield_web.leaderboards.revision import revision_of
from farfield_web.pages.people import person_of
from farfield_web.pages.runs.groups import run_title
from farfield_web.pages.runs.pictures import of_submission
from farfield_web.pages.submissions.bibtex import as_bibtex
from farfield_web.pages.submissions.classes import Classes, classes_of
from farfield_web.pages.submissions.view import SubmissionView, is_of_many, list_items, view_of
from farfield_web.people.entries import WITH_TEAM
from farfield_web.runs import verbs
from farfield_web.runs.models import Run
from farfield_web.runs.pulse import pulse_of_submission
from farfield_web.runs.status import LEASED, OPEN
from farfield_web.submissions.models import Submission
from farfield_web.submissions.visibility import entered_where_known

PER_PAGE = 25


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The signed-in person's submissions, newest first."""
    known = entered_where_known(person_of(request))
    owned = Submission.objects.filter(known, owner=request.user.pk).select_related("method", "upload__content")
    page = Paginator(owned, PER_PAGE).get_page(request.GET.get("page"))
    context = {"section": "mine", "page": page, "items": list_items(list(page.object_list))}
    return render(request, "pages/my_submissions.html", context)


def _stamp(request: HttpRequest, pk: uuid.UUID) -> object:
    """Of one whose runs have all ended: when the last one did, and the revision of its board."""
    runs = Run.objects.filter(submission=pk).order_by().values("submission__benchmark", "submission__tier")
    counted = runs.annotate(runs=Count("pk"), ended=Max("status_at"), open=Count("pk", filter=Q(status__in=OPEN)))
    told = next(iter(counted), None)
    if told is None or told["open"]:
        return None
    return revision_of(told["submission__benchmark"], told["submission__tier"]), told["runs"], told["ended"]


@never_cache
@require_safe
@kept(_stamp)
def detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A submission, for anyone; the buttons are its owner's."""
    since = pulse_of_submission(pk).mark  # before anything is read: what changes meanwhile is news
    view = _view(request, pk)
    pictures = None if view.hidden else of_submission(view.submission)
    context = {
        "section": "mine" if view.mine else "",
        "view": view,
        "since": since,
        "classes": _classes(request, view),
        "pictures": pictures,
        "pictures_of": run_title(pictures.run, view.benchmark.plan) if pictures and view.benchmark else "",
    }
    return render(request, "pages/submission.html", context)


@never_cache
@require_safe
def live(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The part that changes while a run is open. 204 when nothing has changed since `seen`."""
    view, seen = _view(request, pk), request.GET.get("seen", "")
    if view.seen == seen:
        return HttpResponse(status=204)
    announce = seen.partition(".")[0] != view.status
    return render(request, "pages/parts/live.html", {"view": view, "announce": announce, "news": True})


@never_cache
@require_safe
def bibtex(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What to cite of an entry, as a file."""
    submission = get_object_or_404(Submission.objects.select_related("method", "owner", "upload__content"), pk=pk)
    benchmark = submission.known_benchmark
    if benchmark is None:
        raise Http404("The benchmark of this submission was withdrawn.")
    text = as_bibtex(
        submission, benchmark, request.build_absolute_uri(reverse("submission", args=[pk])), timezone.now()
    )
    name = f"farfield-{str(submission.pk)[:8]}.bib"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="application/x-bibtex; charset=utf-8", headers=headers)


@login_required
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """End the open runs of one's own submission, once it was asked whether that is meant."""
    if request.method == "POST" and "sure" not in request.POST:
        view = _view(request, pk)
        if view.can_cancel:
            return render(request, "pages/cancel.html", {"section": "mine", "view": view, **_at_stake(view.submission)})
    return _act(request, pk, verbs.cancel, "Cancelled.")


@login_required
@require_http_methods(["GET", "POST"])
def retry(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Queue the failed or cancelled runs of one's own submission again."""
    return _act(request, pk, verbs.retry, "Queued again, as a new attempt.")


def _classes(request: HttpRequest, view: SubmissionView) -> Classes | None:
    """Per class, of the test domain that the address asks for."""
    return classes_of(view.submission, view.benchmark, request.GET.get("domain", "")) if view.benchmark else None


def _at_stake(submission: Submission) -> dict[str, int]:
    """How many runs would be ended, how many of them are under way, and how many have ended before."""
    statuses = list(submission.runs.values_list("status", flat=True))
    still = [status for status in statuses if status in OPEN]
    under_way = sum(status in LEASED for status in still)
    return {"open": len(still), "under_way": under_way, "done": len(statuses) - len(still)}


def _act(request: HttpRequest, pk: uuid.UUID, verb: Callable[[Submission, User], None], done: str) -> HttpResponse:
    """A GET, as after signing in on the way here, changes nothing and leads to the page with the buttons."""
    if request.method != "POST":
        messages.info(request, "Nothing was changed. Press the button again.")
        return redirect("submission", pk=pk)
    submission = get_object_or_404(Submission.objects.select_related("method", "owner", "upload__content"), pk=pk)
    try:
        verb(submission, person_of(request))
    except SubmissionError as error:
        if error.code == "submission.not_yours":
            raise PermissionDenied(error.message) from error
        messages.error(request, f"{error.message} {error.hint or ''}".strip())
    else:
        messages.success(request, done)
    return redirect("submission", pk=submission.pk)


def _view(request: HttpRequest, pk: uuid.UUID) -> SubmissionView:
    whole = Submission.objects.select_related("method", "owner", "upload__content", "result", "phase", WITH_TEAM)
    hiding = Exists(hidden_from(viewer_of(request)).filter(benchmark=OuterRef("benchmark")))
    told = whole.prefetch_related("rulings", "changes", "figures").annotate(hidden=hiding)
    submission = told.filter(pk=pk).first()
    if submission is None:
        raise Http404("There is no such submission.")
    # Many runs have too much of a timeline to be read; each has a page of its own.
    benchmark = submission.known_benchmark
    many = benchmark is not None and is_of_many(benchmark, submission)
    prefetch_related_objects([submission], *(["runs"] if many else ["runs__events", "runs__scores"]))
    return view_of(submission, request.user, hidden=submission.hidden)
