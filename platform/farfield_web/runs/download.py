"""The records of a sweep as a zip, made while it is sent: run folders as DomainBed's own sweep makes them."""

from collections.abc import Iterator

from django.http import StreamingHttpResponse

from farfield_evaluators.domainbed.packing import File, run_files, zipped
from farfield_web.runs.lines import records_in
from farfield_web.runs.models import RunRecords
from farfield_web.submissions.models import Submission


def as_download(submission: Submission) -> StreamingHttpResponse:
    """The answer that streams the archive of a submission's records; of no finished run, an archive without files."""
    response = StreamingHttpResponse(zipped(files_of(submission)), content_type="application/zip")
    name = f"records-{submission.method_name or 'method'}-{submission.tier}-{str(submission.pk)[:8]}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    # Said so that nothing on the way compresses it: an archive gains nothing by that.
    response.headers["Content-Encoding"] = "identity"
    return response


def files_of(submission: Submission) -> Iterator[File]:
    """What the folders of all finished runs hold, in the order of the runs; read one run at a time."""
    kept = RunRecords.objects.filter(run__submission=submission.pk).order_by("run__trial")
    for pk in list(kept.values_list("pk", flat=True)):
        yield from run_files(records_in(RunRecords.objects.get(pk=pk).lines)[0])
