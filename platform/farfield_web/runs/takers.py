"""Whether a queued run has a worker to wait for."""

from farfield_web.runs.models import Run
from farfield_web.submissions.kinds import NEEDED, Kind, Origin
from farfield_web.submissions.models import BenchmarkData
from farfield_web.submissions.offered import workers_seen


def has_taker(run: Run) -> bool:
    """Whether a worker that was heard of lately could claim this run: of its resource, its kind, with its method.

    And whether any worker has announced the benchmark's data.
    """
    submission = run.submission
    if not BenchmarkData.objects.filter(benchmark=submission.benchmark, current=True).exists():
        return False
    method = submission.method
    origin = Origin(method.origin) if method else Origin.INSTALLED
    own = Kind(submission.kind)
    kind = NEEDED.get(origin, own) if own is Kind.CONFIGURATION else own
    installed = method.name if method and kind is Kind.CONFIGURATION else None
    seen = workers_seen().filter(resource=run.resource).values_list("accepts", "methods")
    return any(kind.value in accepts and (installed is None or installed in methods) for accepts, methods in seen)
