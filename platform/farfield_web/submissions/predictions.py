"""Uploaded predictions: a method that is known only by what its author says of it."""

from django.utils import timezone

from farfield.config import NoConfig, schema_of
from farfield_evaluators.benchmark import Benchmark
from farfield_web import storable
from farfield_web.accounts.models import User
from farfield_web.errors import SubmissionError
from farfield_web.submissions.claims import as_claims
from farfield_web.submissions.kinds import Origin
from farfield_web.submissions.models import Method
from farfield_web.submissions.names import one_at_a_time, take, why_taken
from farfield_web.submissions.request import Request
from farfield_web.words import capitalised

_LONGEST = 200


def check(person: User, request: Request) -> None:
    """What the author says of them. Raises SubmissionError with the field at fault."""
    summary = request.summary.strip()
    if not summary or len(summary) > _LONGEST or not summary.isprintable() or not storable.is_text(summary):
        text = f"Say in one line of at most {_LONGEST} characters what the method does."
        raise SubmissionError("predictions.no_summary", text, "summary")
    problems = as_claims(request.claims).problems()
    if problems or not storable.is_text(request.claims.backbone) or len(request.claims.backbone) > _LONGEST:
        text = problems[0] if problems else "claims.backbone is too long or holds what cannot be kept"
        raise SubmissionError("claims.invalid", f"{capitalised(text)}.", "claims")
    if request.config:
        text = "Predictions have no settings: nothing is run. Leave `config` out."
        raise SubmissionError("config.invalid", text, "config")
    if Method.objects.filter(name=request.method, owner=person).exclude(origin=Origin.PREDICTIONS).exists():
        text = f"{request.method} is a method of yours that runs here; give the predictions a name of their own."
        raise SubmissionError("plugin.name_taken", text, "method")


def keep_method(person: User, request: Request, benchmark: Benchmark, version: str) -> Method:
    """The method of these predictions, as its author describes it now. Raises SubmissionError when the name is taken.

    To be called in the transaction that writes the submission.
    """
    one_at_a_time()
    check(person, request)
    reason = why_taken(person, request.method, "")
    if reason:
        raise SubmissionError("plugin.name_taken", f"{capitalised(reason)}.", "method")
    values = {
        "family": benchmark.family.value,
        "plugin": "",
        "distribution": "",
        "version": version,
        "spec": _spec(request, benchmark),
        "origin": Origin.PREDICTIONS.value,
        "announced_at": timezone.now(),
        "former": False,
    }
    take(person, request.method)
    method, _ = Method.objects.update_or_create(name=request.method, owner=person, defaults=values)
    return method


def _spec(request: Request, benchmark: Benchmark) -> dict[str, object]:
    return {
        "name": request.method,
        "family": benchmark.family.value,
        "summary": request.summary.strip(),
        "claims": as_claims(request.claims, benchmark.track(request.track)).describe(),
        "config_schema": schema_of(NoConfig),
        "resources": {"gpu": False},
    }
