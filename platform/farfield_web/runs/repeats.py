"""Whether a person has entered the very same before: it would run again, and cost quota, and say nothing new."""

from collections.abc import Iterable

from django.db.models import Prefetch, QuerySet

from farfield_web.accounts.models import User
from farfield_web.errors import SubmissionError
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status
from farfield_web.submissions.claims import full_config
from farfield_web.submissions.entry import Entry
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import BenchmarkData, Submission
from farfield_web.submissions.request import Request

CODE = "submission.repeated"
_ENDED_BADLY = (Status.FAILED, Status.CANCELLED)


class Repeated(SubmissionError):
    """The same was submitted before and would run again; `earlier` is that submission."""

    def __init__(self, earlier: Submission) -> None:
        text = (
            f"You submitted the same to this track on {earlier.created_at:%Y-%m-%d}: {earlier}. Nothing was submitted."
        )
        hint = f'It is at /submissions/{earlier.pk}/. With "again": true it is run once more, and counts once more.'
        super().__init__(CODE, text, hint=hint)
        self.earlier = earlier


def check_repeat(person: User, request: Request, entry: Entry) -> None:
    """Raises Repeated, unless the request says that it is meant."""
    earlier = None if request.again else earlier_same(person, request, entry)
    if earlier is not None:
        raise Repeated(earlier)


def earlier_same(person: User, request: Request, entry: Entry) -> Submission | None:
    """The newest submission of the same content, settings, benchmark, track and tier that has not ended badly.

    One on data or a protocol that the board has no more is another result, and so is one of another version.
    """
    candidates = _candidates(person, request, entry).order_by("-created_at")
    return next((each for each in candidates if _is_same(each, request, entry) and _stands(each, entry)), None)


def _candidates(person: User, request: Request, entry: Entry) -> QuerySet[Submission]:
    found = Submission.objects.filter(
        owner=person,
        kind=request.kind,
        benchmark=entry.benchmark.name,
        benchmark_version=entry.benchmark.version,
        track=request.track,
        tier=entry.plan.tier,
        upload__content=entry.upload.content if entry.upload else None,
        image=entry.image,
    )
    if request.kind == Kind.CONFIGURATION:
        found = found.filter(method_name=request.method, method_version=entry.version)
    runs = Run.objects.only("submission", "status", "comparability_key").order_by()
    return found.select_related("method", "upload__content").prefetch_related(Prefetch("runs", runs))


def _is_same(earlier: Submission, request: Request, entry: Entry) -> bool:
    """By its method and settings. Those of a package are completed once a worker has introduced its method."""
    if request.method and earlier.method_name and request.method != earlier.method_name:
        return False
    if earlier.method is None or entry.benchmark.plan.draws:
        return bool(earlier.config == entry.config)
    return bool(earlier.config == full_config(earlier.method, entry.config))


def _stands(earlier: Submission, entry: Entry) -> bool:
    runs = list(earlier.runs.all())
    if all(run.state in _ENDED_BADLY for run in runs):
        return False
    done = {run.comparability_key for run in runs if run.state is Status.SUCCEEDED}
    return done <= set(_keys(entry))


def _keys(entry: Entry) -> Iterable[str]:
    current = BenchmarkData.objects.filter(benchmark=entry.benchmark.name, current=True)
    return [entry.benchmark.comparability_key(data.fingerprint, entry.plan.tier) for data in current]
