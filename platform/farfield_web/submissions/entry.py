"""An entry of any kind, checked: all that is said of it before a worker has looked at it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone

from farfield.errors import UnknownName
from farfield.packaging.plain import data_problem, text_problem
from farfield_evaluators.benchmark import Benchmark
from farfield_web import storable
from farfield_web.accounts.models import User
from farfield_web.errors import SubmissionError
from farfield_web.hosting.models import Phase
from farfield_web.hosting.questions import Answers, check_answers
from farfield_web.hosting.rules import rules_of
from farfield_web.submissions import handed_in, images, predictions
from farfield_web.submissions.claims import check_track, claims_of, entered_config, require_track
from farfield_web.submissions.kinds import NEEDED, PACKAGES, Kind, Origin
from farfield_web.submissions.models import Method, Upload
from farfield_web.submissions.names import is_name, why_ruled_out, why_taken
from farfield_web.submissions.offered import offered_methods, renamed, resource_for
from farfield_web.submissions.plan import Planned, plan_of, tier_part
from farfield_web.submissions.request import Request, digest
from farfield_web.submissions.uploads import held
from farfield_web.submissions.visibility import find_for
from farfield_web.words import capitalised

_SEND_AGAIN = "The same content may be sent again under a name that says what it is."


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What will be written. `make_method` gives the method, or None until a worker introduces it.

    It is called inside the transaction that writes the submission, because uploaded predictions make a method.
    """

    benchmark: Benchmark
    resource: str
    plan: Planned
    config: dict[str, Any]
    identity: str
    answers: Answers = field(default_factory=dict)
    phase: Phase | None = None
    version: str = ""
    upload: Upload | None = None
    image: str = ""
    make_method: Callable[[], Method | None] = field(default=lambda: None)


def check_request(person: User, request: Request) -> Entry:
    """The entry that a request asks for. Raises SubmissionError or UploadError."""
    benchmark = _benchmark(person, request.benchmark)
    rules, now = rules_of(benchmark.name), timezone.now()
    refused = rules.why_refused(now)
    if refused is not None:
        raise refused
    _check_texts(request)
    answers = check_answers(rules.questions, request.answers)
    if request.kind not in _CHECKS:
        text = f"There is no kind of submission called {request.kind!r}; the kinds are: {', '.join(_CHECKS)}."
        raise SubmissionError("kind.unknown", text, "kind")
    if benchmark.no_methods and request.kind != Kind.PREDICTIONS:
        raise SubmissionError("benchmark.no_methods", benchmark.no_methods, "benchmark", "Enter predictions.")
    return replace(_CHECKS[request.kind](person, request, benchmark), answers=answers, phase=rules.phase_at(now))


def _configuration(person: User, request: Request, benchmark: Benchmark) -> Entry:
    method = _method(request.method, benchmark)
    chosen = method.chosen(request.config)
    check_track(request.track, benchmark, claims_of(chosen), method.name)
    _refuse(benchmark.plan.setting_problems(chosen.description, request.config))
    plan = plan_of(benchmark, request.tier)
    config = entered_config(benchmark, method, request.config)
    # What a package brought is pinned to its content; an installed method is as its worker has it.
    pinned = [method.upload.sha256 if method.upload else method.image] if method.origin != Origin.INSTALLED else []
    return Entry(
        benchmark=benchmark,
        resource=chosen.resource,
        plan=plan,
        config=config,
        identity=digest([method.name, method.version, *pinned, config, request.track, *tier_part(plan.tier)]),
        version=method.version,
        upload=method.upload,
        image=method.image,
        make_method=lambda: method,
    )


def _plugin(person: User, request: Request, benchmark: Benchmark) -> Entry:
    upload = held(person, request.upload, PACKAGES)
    if upload.kind not in PACKAGES:
        what = handed_in.noun_of(upload)
        text = f"{upload.filename} was sent as {what}; a package is a wheel (.whl) or a source distribution (.tar.gz)."
        raise SubmissionError("plugin.not_a_package", text, "upload", _SEND_AGAIN)
    _check_name(person, request.method, upload.distribution)
    entry = _brought(request, benchmark, Kind.PLUGIN, upload.sha256)
    return Entry(**entry, version=upload.version, upload=upload)


def _container(person: User, request: Request, benchmark: Benchmark) -> Entry:
    images.check_image(request.image)
    _check_name(person, request.method, "")
    return Entry(**_brought(request, benchmark, Kind.CONTAINER, request.image), image=request.image)


def _brought(request: Request, benchmark: Benchmark, kind: Kind, content: str) -> dict[str, Any]:
    """What packages and images have in common: the settings are kept as entered until the method is known."""
    require_track(request.track, benchmark)
    _refuse(_unstorable(request.config))
    plan = plan_of(benchmark, request.tier)
    return {
        "benchmark": benchmark,
        "resource": resource_for(kind),
        "plan": plan,
        "config": dict(request.config),
        "identity": digest([request.method, content, request.config, request.track, *tier_part(plan.tier)]),
    }


def _predictions(person: User, request: Request, benchmark: Benchmark) -> Entry:
    plan, form = plan_of(benchmark, request.tier, handed_in=True), benchmark.handed_in
    upload = held(person, request.upload, [form.kind] if form else [])
    handed_in.check(upload, benchmark, plan.tier)
    _check_name(person, request.method, "", required=True)
    predictions.check(person, request)
    check_track(request.track, benchmark, request.claims, request.method)
    version = upload.sha256[:12]
    return Entry(
        benchmark=benchmark,
        resource=resource_for(Kind.PREDICTIONS),
        plan=plan,
        config={},
        identity=digest([request.method, upload.sha256, request.track, *tier_part(plan.tier)]),
        version=version,
        upload=upload,
        make_method=lambda: predictions.keep_method(person, request, benchmark, version),
    )


# Those that no rule of their own holds to less: the most characters, and whether there may be several lines.
_TEXTS: Mapping[str, tuple[int, bool]] = {
    "title": (100, False),
    "note": (2000, True),
    "method": (60, False),
    "summary": (200, False),
    "image": (300, False),
    "reason": (500, True),
}
_Check = Callable[[User, Request, Benchmark], Entry]
_CHECKS: Mapping[str, _Check] = {
    Kind.CONFIGURATION.value: _configuration,
    Kind.PLUGIN.value: _plugin,
    Kind.PREDICTIONS.value: _predictions,
    Kind.CONTAINER.value: _container,
}


def _benchmark(person: User, name: str) -> Benchmark:
    try:
        return find_for(person, name)
    except UnknownName as error:
        raise SubmissionError("benchmark.unknown", f"{capitalised(str(error))}.", "benchmark") from error


def _method(name: str, benchmark: Benchmark) -> Method:
    method = Method.objects.filter(name=name).select_related("upload__content").first()
    if method is None:
        text = f"No worker offers a method called {name!r}; the list of methods has the names."
        raise SubmissionError("method.unknown", text, "method")
    ruled = why_ruled_out(method.owner, name)
    if ruled:
        raise SubmissionError("plugin.name_taken", f"{capitalised(ruled)}.", "method")
    if method.origin == Origin.PREDICTIONS:
        text = f"{name} is known by its predictions only, so there is nothing to run."
        raise SubmissionError("method.predictions_only", text, "method", "Upload its package, or new predictions.")
    if method.origin != Origin.INSTALLED:
        resource_for(NEEDED[Origin(method.origin)])
    if not offered_methods().filter(pk=method.pk).exists():
        text = f"No worker offers {name!r} any more."
        raise SubmissionError("method.unavailable", text, "method", renamed(name) or None)
    if method.family != benchmark.family.value:
        text = f"{name} is a method for {method.family}, but {benchmark.title} is a benchmark of {benchmark.family}."
        raise SubmissionError("method.wrong_family", text, "method")
    return method


def _check_name(person: User, name: str, distribution: str, *, required: bool = False) -> None:
    """What can be said now; the worker's introduction has the last word."""
    if (name or required) and not is_name(name):
        text = "A method's name has lower-case letters, digits and single hyphens, at most 60 of them."
        raise SubmissionError("method.bad_name", text, "method")
    reason = why_taken(person, name, distribution)
    if reason:
        field_at_fault = "method" if reason.startswith("the name") else "upload"
        raise SubmissionError("plugin.name_taken", f"{capitalised(reason)}.", field_at_fault)


def check_text(name: str, value: str) -> None:
    """Raises SubmissionError for a text, such as a title, that is too long or has what no page could show."""
    limit, lines = _TEXTS[name]
    if len(value) > limit:
        raise SubmissionError(f"{name}.too_long", f"The {name} may have at most {limit} characters.", name)
    problem = text_problem(value, limit, lines=lines)
    if problem:
        raise SubmissionError("text.invalid", f"The {name} cannot be kept: {problem}.", name)


def _check_texts(request: Request) -> None:
    for name in _TEXTS:
        if hasattr(request, name):
            check_text(name, getattr(request, name))
    problem = data_problem(request.config)
    if problem:
        raise SubmissionError("config.invalid", f"The settings cannot be kept: {problem}.", "config")


def _refuse(problems: list[str]) -> None:
    if problems:
        raise SubmissionError("config.invalid", "; ".join(problems), "config", "The method's page lists its settings.")


def _unstorable(config: dict[str, Any]) -> list[str]:
    """Settings are flat; more than text, numbers, true and false fits no method, and not every text can be kept."""
    found = []
    for name, value in config.items():
        if not isinstance(value, bool | int | float | str):
            found.append(f"{storable.text(str(name))[:100]}: expected a number, true, false or text")
        elif not storable.is_json(value) or not storable.is_text(str(name)):
            found.append(f"{storable.text(str(name))[:100]}: holds a character or number that cannot be kept")
    return found
