"""The evidence of an entry as a zip, made while it is sent: files as its plan makes them.

What was run here leaves the site with rounded figures; what somebody handed in is theirs, and stays as sent.
"""

from collections.abc import Iterator

from django.http import StreamingHttpResponse

from farfield_evaluators.run_plan import File
from farfield_evaluators.zipping import zipped
from farfield_web import published
from farfield_web.runs.digests import cell_of, evidence_of
from farfield_web.runs.models import Run, RunEvidence
from farfield_web.submissions.models import Submission


def has_files(submission: Submission) -> bool:
    """Whether there is anything to download: lines of evidence, of a run that is done."""
    return RunEvidence.objects.filter(run__submission=submission).exclude(lines="").exists()


def as_download(submission: Submission) -> StreamingHttpResponse:
    """The answer that streams the archive of a submission's evidence; of no finished run, one without files."""
    response = StreamingHttpResponse(zipped(files_of(submission)), content_type="application/zip")
    parts = ("records", submission.method_name or "method", submission.tier, str(submission.pk)[:8])
    name = "-".join(part for part in parts if part)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    # Said so that nothing on the way compresses it: an archive gains nothing by that.
    response.headers["Content-Encoding"] = "identity"
    return response


def files_of(submission: Submission) -> Iterator[File]:
    """What the archive of all finished runs holds, in the order of the runs; read one run at a time."""
    benchmark = submission.known_benchmark
    if benchmark is None:
        return
    kept = Run.objects.filter(submission=submission, evidence__isnull=False).order_by("trial")
    for pk in list(kept.values_list("pk", flat=True)):
        run = Run.objects.get(pk=pk)
        ((_, evidence),) = evidence_of([run])
        yield from benchmark.plan.files(cell_of(run), evidence, published.figure)
