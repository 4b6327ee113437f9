"""Entering what people bring themselves: a package, predictions, a container image."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from farfield_evaluators.benchmark import Benchmark
from farfield_web.accounts import throttle
from farfield_web.api.throttles import UPLOADS_MESSAGE
from farfield_web.errors import SubmissionError, TooMany, UploadError, UserError
from farfield_web.leaderboards.queries import with_data
from farfield_web.pages.boards.benchmarks import find_or_404
from farfield_web.pages.hosting.intake import intake_of
from farfield_web.pages.people import person_of
from farfield_web.pages.submit.drafts import sign_in_first, take
from farfield_web.pages.submit.kind_forms import ContainerForm, KindForm, PackageForm, PredictionsForm
from farfield_web.pages.submit.tier_form import tier_choices
from farfield_web.pages.views.account import quota_left
from farfield_web.runs.repeats import Repeated
from farfield_web.runs.submit import submit
from farfield_web.submissions import storage
from farfield_web.submissions.kinds import PACKAGES
from farfield_web.submissions.models import Submission, Upload
from farfield_web.submissions.offered import is_taken
from farfield_web.submissions.quota import quota_of
from farfield_web.submissions.receiving import was_too_large
from farfield_web.submissions.uploads import held, receive

KEY_LENGTH = 64
SENT_BEFORE = (
    "You sent this form before, with other values; that submission is in your list. "
    "Press Submit once more if you want this one as well."
)
REPEATED = "You submitted the same before. It would run again and count again; tick the box below if that is meant."


@dataclass(frozen=True, kw_only=True)
class Door:
    """One way in: its address, its form, and what a file sent through it must be."""

    form: type[KindForm]
    title: str
    about: str
    wanted: str = ""


HANDED_IN = "predictions"
DOORS: Mapping[str, Door] = {
    "package": Door(
        form=PackageForm,
        title="Upload a package",
        about="A wheel or source distribution of your own method. It is built and run here, in a sandbox.",
        wanted="package",
    ),
    HANDED_IN: Door(form=PredictionsForm, title="", about=""),
    "container": Door(
        form=ContainerForm,
        title="Name a container image",
        about="An image, by its digest, that runs the same contract as every method.",
    ),
}


def doors_of(benchmark: Benchmark) -> Mapping[str, Door]:
    """The ways into a benchmark, by their address: results that were made elsewhere come as its plan takes them.

    Where no methods are run that is the only one.
    """
    form = benchmark.handed_in
    run = {way: door for way, door in DOORS.items() if way != HANDED_IN} if benchmark.runs_methods else {}
    if form is None:
        return run
    own = Door(form=PredictionsForm, title=form.door.title, about=form.door.about, wanted=form.kind)
    return {way: own if way == HANDED_IN else run[way] for way in DOORS if way == HANDED_IN or way in run}


@never_cache
@sign_in_first
@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest, name: str, way: str) -> HttpResponse:
    """The form of one kind. Sending the same form twice makes one submission."""
    benchmark = find_or_404(name)
    door = doors_of(benchmark).get(way)
    if door is None and way in DOORS and benchmark.no_methods:
        messages.info(request, benchmark.no_methods)
        return redirect("submit-benchmark", benchmark.name)
    if door is None:
        raise Http404("There is no such kind of submission.")
    if request.method != "POST":
        return _page(request, benchmark, way, door.form(benchmark, take(request)), uuid.uuid4().hex)
    key = request.POST.get("idempotency_key", "")
    key = key if 0 < len(key) <= KEY_LENGTH else uuid.uuid4().hex
    form, submission = _sent(request, benchmark, door, key)
    if submission is None:
        key = uuid.uuid4().hex if form.has_error("__all__", "idempotency.reused") else key
        return _page(request, benchmark, way, form, key)
    messages.success(request, "Submitted. This page follows its evaluation.")
    return redirect("submission", pk=submission.pk)


def _sent(request: HttpRequest, benchmark: Benchmark, door: Door, key: str) -> tuple[KindForm, Submission | None]:
    data, refused = request.POST.copy(), _take_file(request, door)
    if refused is not None:
        # A file that is refused also ends what was taken before it: otherwise that would be submitted in its place.
        data["upload"] = refused.sha256 if isinstance(refused, Upload) else ""
    form = door.form(benchmark, data)
    if isinstance(refused, UserError):
        _replace_file_error(form, refused)
    if not form.is_valid():
        return form, None
    try:
        again = request.POST.get("again") == "on"
        return form, submit(person_of(request), replace(form.wanted(), again=again), key)
    except (SubmissionError, UploadError) as error:
        _explain(form, error, data)
        return form, None


def _take_file(request: HttpRequest, door: Door) -> Upload | UserError | None:
    """The file that came with the form, kept; or why it is refused; or None when none came."""
    file = request.FILES.get("file")
    if was_too_large(request):
        return storage.too_large()
    if file is None or not door.wanted:
        return None
    try:
        throttle.take("uploads", f"person {person_of(request).pk}", UPLOADS_MESSAGE)
        return receive(person_of(request), file, door.wanted)
    except TooMany as error:
        wait = f"{error.message} Try again in {error.seconds} seconds."
        return UploadError("upload.too_many", wait, "file")
    except UploadError as error:
        return error


def _replace_file_error(form: KindForm, refused: UserError) -> None:
    """Why the file is refused, instead of that there is none."""
    form.errors.pop("file", None)
    form.explain(refused)


def _explain(form: KindForm, error: UserError, data: QueryDict) -> None:
    if error.code == "idempotency.reused":
        form.add_error(None, ValidationError(SENT_BEFORE, code=error.code))
        return
    if isinstance(error, Repeated):
        form.repeats = error.earlier
        form.add_error(None, REPEATED)
        return
    if error.code == "upload.unknown":
        data["upload"] = ""
    form.explain(error)


def _page(request: HttpRequest, benchmark: Benchmark, way: str, form: KindForm, key: str) -> HttpResponse:
    chosen = form["track"].value() or benchmark.tracks[0].name
    context = {
        "section": "submit",
        "benchmark": benchmark,
        "way": way,
        "title": doors_of(benchmark)[way].title,
        "form": form,
        "key": key,
        "received": _received(request, doors_of(benchmark)[way], form),
        "tiers": tier_choices(benchmark, form["tier"].value() or "") if benchmark.plan.tiers else [],
        "tracks": [{"track": track, "checked": track.name == chosen} for track in benchmark.tracks],
        "quota": quota_left(quota_of(person_of(request), benchmark.name)),
        "hints": _hints(benchmark) if way == HANDED_IN else (),
        "files": benchmark.handed_in.files(benchmark) if way == HANDED_IN and benchmark.handed_in else (),
        "taken": is_taken(form.kind),
        "with_data": with_data(),
        "intake": intake_of(benchmark.name),
    }
    return render(
        request, "pages/submit_kind.html", context, status=422 if form.errors and request.method == "POST" else 200
    )


def _hints(benchmark: Benchmark) -> tuple[str, ...]:
    form = benchmark.handed_in
    return tuple(hint.replace("{benchmark}", benchmark.name) for hint in form.door.hints) if form else ()


def _received(request: HttpRequest, door: Door, form: KindForm) -> Upload | None:
    """The file that was taken already, so that a corrected form need not bring it again."""
    sha256 = form.data.get("upload", "") if form.is_bound and not form.has_error("file") else ""
    try:
        return held(person_of(request), sha256, PACKAGES if door.wanted == "package" else [door.wanted])
    except UploadError:
        return None
