"""What can be submitted now: which methods are offered, and which kinds of entry a worker would take."""

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from farfield.choices import became
from farfield_web.errors import SubmissionError
from farfield_web.submissions.kinds import NEEDED, Kind, Origin
from farfield_web.submissions.models import Method, Worker

_WHAT = {
    Kind.CONFIGURATION: "runs installed methods",
    Kind.PLUGIN: "runs packages, for which it needs a sandbox",
    Kind.PREDICTIONS: "scores uploaded predictions",
    Kind.CONTAINER: "runs container images, for which it needs Docker",
}


def workers_seen() -> QuerySet[Worker]:
    """The workers that were heard of lately."""
    return Worker.objects.filter(seen_at__gt=timezone.now() - settings.WORKER_SEEN_WITHIN)


def offered_methods() -> QuerySet[Method]:
    """Methods that can be submitted: workers that were heard of lately have them installed, or run what brings them."""
    seen = list(workers_seen().values_list("methods", "accepts"))
    names = {name for methods, _ in seen for name in methods}
    accepted = {kind for _, accepts in seen for kind in accepts}
    brought = [origin for origin, kind in NEEDED.items() if origin is not Origin.INSTALLED and kind in accepted]
    can_run = Q(origin=Origin.INSTALLED, name__in=names) | Q(origin__in=brought)
    return Method.objects.filter(can_run, available=True)


def now_called(name: str) -> tuple[str, str] | None:
    """The offered method, and the input of it, that were a method of this name before; None where there is none."""
    several = offered_methods().filter(spec__has_key="choices").values_list("name", "spec")
    return became([{"name": offered, **spec} for offered, spec in several], name)


def renamed(name: str) -> str:
    """A sentence for what a method of this name is now; empty where no offered method took its place."""
    now = now_called(name)
    return f"It is now {now[0]} with the setting input={now[1]}." if now else ""


def resource_for(kind: Kind) -> str:
    """The resource of workers that take this kind: cpu if there are any. Raises SubmissionError when none do."""
    seen = workers_seen().values_list("resource", "accepts")
    resources = {resource for resource, accepts in seen if kind.value in accepts}
    if not resources:
        text = f"No worker of this site {_WHAT[kind]} at present, so the entry would wait for ever."
        raise SubmissionError("platform.no_sandbox", text, hint="Try again later, or ask the operator of this site.")
    return "cpu" if "cpu" in resources else min(resources)


def is_taken(kind: Kind) -> bool:
    """Whether a worker that was heard of lately takes entries of this kind."""
    return any(kind.value in accepts for accepts in workers_seen().values_list("accepts", flat=True))
