"""The one verb: entering a method in a track of a benchmark."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from farfield import Benchmark, TrackClaims
from farfield.config import check_config, settings_of
from farfield.errors import UnknownName
from farfield_evaluators.catalog import find
from farfield_web import storable
from farfield_web.accounts.models import User
from farfield_web.accounts.quota import lock_person
from farfield_web.errors import SubmissionError
from farfield_web.runs.models import Run, seed_of
from farfield_web.runs.status import Status
from farfield_web.runs.wake import wake_on_commit
from farfield_web.submissions.limits import check_open_runs, check_quota
from farfield_web.submissions.models import Method, Submission


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a person asks for."""

    benchmark: str
    method: str
    track: str
    config: dict[str, Any] = field(default_factory=dict)
    title: str = ""
    note: str = ""


def submit(person: User, request: Request, idempotency_key: str = "") -> Submission:
    """Validate, and write the submission with its runs in one transaction; workers are woken once it is committed.

    The same key with the same request gives the first submission again. Raises SubmissionError with a code, a
    sentence and the field at fault.
    """
    body, key = digest(asdict(request)), digest(idempotency_key) if idempotency_key else ""
    earlier = _earlier(person, key, body)
    if earlier is not None:
        return earlier
    benchmark, method = check_request(request)
    with transaction.atomic():
        return _write(person, request, benchmark, method, key, body)


def check_request(request: Request) -> tuple[Benchmark, Method]:
    """All that can be said without looking at the person. Raises SubmissionError."""
    benchmark = _benchmark(request.benchmark)
    method = _method(request.method, benchmark)
    _check_track(request.track, benchmark, method)
    problems = check_config(method.config_schema, request.config)
    problems += [f"{name}: holds a character that cannot be kept" for name in _unstorable(request.config)]
    if problems:
        raise SubmissionError("config.invalid", "; ".join(problems), "config", "The method's page lists its settings.")
    for name, limit in (("title", 100), ("note", 2000)):
        if len(getattr(request, name)) > limit:
            raise SubmissionError(f"{name}.too_long", f"The {name} may have at most {limit} characters.", name)
    return benchmark, method


def refusals(benchmark: Benchmark, method: Method) -> dict[str, list[str]]:
    """For each track of the benchmark, why this method may not enter it; empty lists when it may."""
    claims = claims_of(method)
    return {track.name: track.refusals(claims) for track in benchmark.tracks}


def claims_of(method: Method) -> TrackClaims:
    """The claims that the method's specification makes."""
    claims = method.spec.get("claims", {})
    return TrackClaims(
        backbone=str(claims.get("backbone", "")),
        pretraining=tuple(claims.get("pretraining", ())),
        extra_data=tuple(claims.get("extra_data", ())),
    )


def digest(value: Any) -> str:
    """SHA-256 of canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def full_config(method: Method, config: dict[str, Any]) -> dict[str, Any]:
    """The configuration with every default filled in, as the method will see it."""
    defaults = {name: prop.get("default") for name, prop in settings_of(method.config_schema)}
    return {**defaults, **config}


def _earlier(person: User, key: str, body: str) -> Submission | None:
    if not key:
        return None
    found = Submission.objects.filter(owner=person, idempotency_digest=key).first()
    if found is not None and found.body_digest != body:
        text = "This Idempotency-Key was used before, for another request."
        raise SubmissionError("idempotency.reused", text, hint="Use a new key for each submission.")
    return found


def _benchmark(name: str) -> Benchmark:
    try:
        return find(name)
    except UnknownName as error:
        raise SubmissionError("benchmark.unknown", f"{str(error)[0].upper()}{str(error)[1:]}.", "benchmark") from error


def _method(name: str, benchmark: Benchmark) -> Method:
    method = Method.objects.filter(name=name).first()
    if method is None:
        text = f"No worker offers a method called {name!r}; the list of methods has the names."
        raise SubmissionError("method.unknown", text, "method")
    if not method.available:
        raise SubmissionError("method.unavailable", f"No worker offers {name!r} any more.", "method")
    if method.family != benchmark.family.value:
        text = f"{name} is a method for {method.family}, but {benchmark.title} is a benchmark of {benchmark.family}."
        raise SubmissionError("method.wrong_family", text, "method")
    return method


def _check_track(name: str, benchmark: Benchmark, method: Method) -> None:
    reasons = refusals(benchmark, method).get(name)
    if reasons is None:
        known = ", ".join(track.name for track in benchmark.tracks)
        raise SubmissionError("track.unknown", f"{benchmark.title} has no track {name!r}; it has: {known}.", "track")
    if reasons:
        raise SubmissionError("track.refused", f"{method.name} may not enter: {'; '.join(reasons)}.", "track")


def _unstorable(config: dict[str, Any]) -> list[str]:
    return [name for name, value in config.items() if isinstance(value, str) and not storable.is_text(value)]


def _write(person: User, request: Request, benchmark: Benchmark, method: Method, key: str, body: str) -> Submission:
    lock_person(person)
    # Looked up again now that nobody else can write for this person: two requests at once must not both pass.
    earlier = _earlier(person, key, body)
    if earlier is not None:
        return earlier
    check_quota(person, benchmark.name)
    check_open_runs(person, benchmark.trials)
    submission = _submission(person, request, benchmark, method)
    submission.idempotency_digest, submission.body_digest = key, body
    submission.save(force_insert=True)
    _add_runs(submission, benchmark, method)
    return submission


def _submission(person: User, request: Request, benchmark: Benchmark, method: Method) -> Submission:
    now = timezone.now()
    config = full_config(method, request.config)
    return Submission(
        owner=person,
        method=method,
        method_version=method.version,
        benchmark=benchmark.name,
        benchmark_version=benchmark.version,
        track=request.track,
        config=config,
        identity=digest([method.name, method.version, config, request.track]),
        title=request.title.strip(),
        note=request.note.strip(),
        created_at=now,
        quota_at=now,
    )


def _add_runs(submission: Submission, benchmark: Benchmark, method: Method) -> None:
    now = submission.created_at
    for trial in range(benchmark.trials):
        run = Run.objects.create(
            submission=submission,
            trial=trial,
            seed=seed_of(submission.pk, benchmark.name, trial),
            resource=method.resource,
            status_at=now,
            queued_at=now,
            woken_at=now,
        )
        run.events.create(at=now, kind="moved", attempt=1, target=Status.QUEUED.value, message="submitted")
        wake_on_commit(run.resource)
