"""An entry whose runs have all succeeded, with what every export of it says: there is one of nothing else."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min

from farfield_evaluators.benchmark import Benchmark
from farfield_web.errors import ExportError
from farfield_web.exports.attestation import data_of
from farfield_web.leaderboards.reading import entry_of
from farfield_web.leaderboards.rows import Entry
from farfield_web.runs.status import Status
from farfield_web.submissions.models import BenchmarkData, Submission


@dataclass(frozen=True, kw_only=True)
class Finished:
    """An entry at full precision; `began` is when its first run did, where that was kept, `ended` when its last one."""

    benchmark: Benchmark
    entry: Entry
    data: BenchmarkData | None
    began: datetime | None
    ended: datetime

    @property
    def key(self) -> str:
        """The comparability key; empty where no run has told it."""
        return min(self.entry.keys, default="")


def finished(submission: Submission) -> Finished:
    """Raises ExportError `submission.no_record` while a run has not succeeded, and for a withdrawn benchmark."""
    benchmark = submission.known_benchmark
    times = submission.runs.aggregate(began=Min("started_at"), ended=Max("finished_at"))
    if benchmark is None or times["ended"] is None or submission.runs.exclude(status=Status.SUCCEEDED).exists():
        raise ExportError("submission.no_record", "Only an entry whose runs have all succeeded has a record.")
    data = data_of(submission, submission.runs.latest("finished_at").comparability_key)
    return Finished(benchmark=benchmark, entry=entry_of(submission), data=data, **times)
