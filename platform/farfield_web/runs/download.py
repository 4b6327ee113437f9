"""The records of a sweep as a zip, made while it is sent: run folders as DomainBed's own sweep makes them.

What was run here leaves the site with rounded accuracies; records that somebody uploaded are theirs, and stay as sent.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import StreamingHttpResponse

from farfield_evaluators.suites.domainbed.packing import File, run_files, zipped
from farfield_evaluators.suites.domainbed.records import Record
from farfield_evaluators.suites.domainbed.selection import INFORMATIVENESS_KEY, VARIATION_KEY
from farfield_web import published
from farfield_web.runs.lines import records_in
from farfield_web.runs.models import RunRecords
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Submission

_COMPUTED = (VARIATION_KEY, INFORMATIVENESS_KEY)


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
        records = records_in(RunRecords.objects.get(pk=pk).lines)[0]
        yield from run_files(records if submission.kind == Kind.PREDICTIONS else _rounded(records))


def _rounded(records: Sequence[Record]) -> list[Record]:
    """The same records, with the accuracies that the site computed as they may leave it."""
    return [
        replace(record, in_acc=_all(record.in_acc), out_acc=_all(record.out_acc), values=_values(record.values))
        for record in records
    ]


def _values(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the method wrote stays as it is; what the site computed of its predictions is rounded."""
    return {name: published.figure(value) if name in _COMPUTED else value for name, value in values.items()}


def _all(accuracies: Sequence[float]) -> tuple[float, ...]:
    return tuple(published.figure(accuracy) for accuracy in accuracies)
