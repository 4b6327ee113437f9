"""The one verb: entering a method in a track of a benchmark."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from farfield_web.accounts.models import User
from farfield_web.errors import SubmissionError
from farfield_web.operations import intake
from farfield_web.people.entries import enter
from farfield_web.people.models import Team
from farfield_web.people.teams import team_with
from farfield_web.runs.lines import line_of
from farfield_web.runs.models import Run, RunEvent
from farfield_web.runs.repeats import check_repeat
from farfield_web.runs.status import Status
from farfield_web.runs.wake import wake_on_commit
from farfield_web.submissions.entry import Entry, check_request
from farfield_web.submissions.limits import check_open_runs, check_phase, check_quota
from farfield_web.submissions.models import Submission
from farfield_web.submissions.plan import Planned
from farfield_web.submissions.quota import lock_person
from farfield_web.submissions.request import Request, digest

__all__ = ["Request", "submit"]


def submit(person: User, request: Request, idempotency_key: str = "") -> Submission:
    """Validate, and write the submission with its runs in one transaction; workers are woken once it is committed.

    The same key with the same request gives the first submission again. Raises SubmissionError or UploadError with a
    code, a sentence and the field at fault.
    """
    body, key = request.body_digest, digest(idempotency_key) if idempotency_key else ""
    earlier = _earlier(person, key, body)
    if earlier is not None:
        return earlier
    intake.require_open()
    entry, team = check_request(person, request), _team(person, request.team)
    with transaction.atomic():
        submission = _write(person, request, entry, key, body)
        enter(submission.pk, team)
    return submission


def _team(person: User, name: str) -> Team | None:
    team = team_with(person, name) if name else None
    if name and team is None:
        raise SubmissionError("team.not_yours", f"You are in no team called {name[:60]!r}.", "team")
    return team


def _earlier(person: User, key: str, body: str) -> Submission | None:
    if not key:
        return None
    found = Submission.objects.filter(owner=person, idempotency_digest=key).first()
    if found is not None and found.body_digest != body:
        text = "This Idempotency-Key was used before, for another request."
        raise SubmissionError("idempotency.reused", text, hint="Use a new key for each submission.")
    return found


def _write(person: User, request: Request, entry: Entry, key: str, body: str) -> Submission:
    lock_person(person)
    # Looked up again now that nobody else can write for this person: two requests at once must not both pass.
    earlier = _earlier(person, key, body)
    if earlier is not None:
        return earlier
    check_repeat(person, request, entry)
    check_quota(person, entry.benchmark.name)
    check_phase(person, entry.phase)
    check_open_runs(person, 1)
    submission = _submission(person, request, entry)
    submission.idempotency_digest, submission.body_digest = key, body
    submission.save(force_insert=True)
    add_runs(submission, entry.plan, entry.resource, "submitted")
    return submission


def _submission(person: User, request: Request, entry: Entry) -> Submission:
    now, method = timezone.now(), entry.make_method()
    facts: dict[str, Any] = {
        "kind": request.kind,
        "method": method,
        "method_name": method.name if method else request.method,
        "method_version": entry.version,
        "upload": entry.upload,
        "image": entry.image,
        "config": entry.config,
        "claims": method.chosen(entry.config).spec.get("claims", {}) if method else {},
        "identity": entry.identity,
    }
    return Submission(
        owner=person,
        benchmark=entry.benchmark.name,
        benchmark_version=entry.benchmark.version,
        track=request.track,
        tier=entry.plan.tier,
        phase=entry.phase,
        answers=entry.answers,
        title=request.title.strip(),
        note=request.note.strip(),
        created_at=now,
        quota_at=now,
        **facts,
    )


def add_runs(submission: Submission, plan: Planned, resource: str, message: str) -> None:
    """Write the runs of a fresh submission, each with the first line of its timeline. In its transaction.

    Of one that has runs, those that it lacks: once its method is known it may be more.
    """
    has = submission.runs.count()
    now = timezone.now() if has else submission.created_at
    line = line_of(submission, resource)
    runs = [
        Run(
            submission=submission,
            trial=number,
            seed=cell.seed,
            cell=dict(cell.at),
            resource=resource,
            line=line,
            status_at=now,
            queued_at=now,
        )
        for number, cell in enumerate(plan.cells(submission))
        if number >= has
    ]
    Run.objects.bulk_create(runs)
    RunEvent.objects.bulk_create(_first_event(run, message) for run in runs)
    wake_on_commit(resource, len(runs))


def _first_event(run: Run, message: str) -> RunEvent:
    values = {"kind": "moved", "attempt": 1, "target": Status.QUEUED.value, "message": message}
    return RunEvent(run=run, at=run.queued_at, **values)
