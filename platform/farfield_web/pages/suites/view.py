"""What is shown of suites: which the site has, how many workers have their data, and what is refused, and why."""

from collections import Counter
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import catalog
from farfield_evaluators.suite_identity import SuiteIdentity
from farfield_evaluators.suite_loading import RefusedSuite
from farfield_web.submissions.models import Worker
from farfield_web.submissions.visibility import Viewer, may_see


@dataclass(frozen=True, kw_only=True)
class BoardRow:
    """A benchmark, and how many workers that are here now have its data in the site's version."""

    benchmark: Benchmark
    workers: int


@dataclass(frozen=True, kw_only=True)
class SuiteSection:
    """A suite of the site."""

    identity: SuiteIdentity
    boards: tuple[BoardRow, ...]


@dataclass(frozen=True, kw_only=True)
class WorkerRefusal:
    """A suite of a worker that is not used there, or not taken here."""

    worker: str
    name: str
    distribution: str
    version: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class SuitesView:
    """All of it. `refused` and `refusals` are for the operator: they quote what plugins raised."""

    sections: tuple[SuiteSection, ...]
    refused: tuple[RefusedSuite, ...]
    refusals: tuple[WorkerRefusal, ...]


def suites_view(viewer: Viewer) -> SuitesView:
    """As of now, without what this person may not know of: workers that were not heard of for a while do not count."""
    present = Worker.objects.filter(seen_at__gt=timezone.now() - settings.WORKER_SEEN_WITHIN)
    workers = list(present.only("name", "benchmarks", "suites"))
    having = Counter(name for worker in workers for name in worker.benchmarks)
    sections = [
        SuiteSection(
            identity=each.identity,
            boards=tuple(BoardRow(benchmark=b, workers=having[b.name]) for b in each.suite.benchmarks),
        )
        for each in catalog().installed
        if each.suite.benchmarks and all(may_see(viewer, benchmark.name) for benchmark in each.suite.benchmarks)
    ]
    refusals = tuple(refusal for worker in workers for refusal in _refusals(worker))
    return SuitesView(sections=tuple(sections), refused=catalog().refused, refusals=refusals)


def _refusals(worker: Worker) -> list[WorkerRefusal]:
    return [
        WorkerRefusal(
            worker=worker.name,
            name=said["name"],
            distribution=said["distribution"],
            version=said["version"],
            reason=said["refused"],
        )
        for said in worker.suites
        if said["refused"]
    ]
