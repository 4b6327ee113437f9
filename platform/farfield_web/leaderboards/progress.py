"""How far an entry is, which runs it lacks, and why: what stands in place of a rank until all of them are done."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Value, When, Window
from django.db.models.functions import RowNumber

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.run_plan import RunPlan, cell_title
from farfield_web.entries.withdrawn import why_withdrawn, withdrawal_of
from farfield_web.runs.models import Run
from farfield_web.runs.status import LEASED, TERMINAL, Status
from farfield_web.submissions.models import Ruling, Submission

NAMED = 5  # in a sentence; of more it says how many
_ORDER = {Status.FAILED: 0, Status.CANCELLED: 1}


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How many runs of an entry there are, and how many have ended in which way."""

    total: int = 0
    succeeded: int = 0
    failed: int = 0

    @property
    def is_done(self) -> bool:
        return self.succeeded == self.total

    @property
    def sentence(self) -> str:
        """Why an entry under way has no rank.

        >>> Progress(total=63, succeeded=12, failed=2).sentence
        'unfinished: 12 of 63 runs are done, 2 failed'
        """
        failed = f", {self.failed} failed" if self.failed else ""
        return f"unfinished: {self.succeeded} of {self.total} runs are done{failed}"


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A run that has given nothing: which it is, where it stands, and by which code it failed, if it did."""

    cell: Mapping[str, Any]
    trial: int
    status: str
    code: str = ""

    def sentence(self, plan: RunPlan) -> str:
        """
        >>> from farfield_evaluators.plans.folds import Folds
        >>> Missing(cell={"fold": "C"}, trial=2, status="failed", code="resources.memory").sentence(Folds(("A", "C")))
        'fold C has no result: failed (resources.memory)'
        """
        name = cell_title(plan, self.cell) or f"run {self.trial + 1}"
        return f"{name} has no result: {self._why}"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes of it by itself."""
        return Status(self.status) in TERMINAL

    @property
    def _why(self) -> str:
        status = Status(self.status)
        if status is Status.FAILED and self.code:
            return f"failed ({self.code})"
        return "under way" if status in LEASED else {Status.QUEUED: "waiting"}.get(status, status.value)


def missing_of(submissions: Iterable[UUID]) -> dict[UUID, tuple[Missing, ...]]:
    """The first runs of each that have not succeeded, those that failed first; in one query, however many there are."""
    known: dict[UUID, list[Missing]] = defaultdict(list)
    wanted = list(submissions)
    if not wanted:
        return {}
    ended_first = Case(*(When(status=s, then=Value(at)) for s, at in _ORDER.items()), default=Value(len(_ORDER)))
    order: list[Any] = [ended_first, F("trial")]
    rows = (
        Run.objects.filter(submission__in=wanted)
        .exclude(status=Status.SUCCEEDED)
        .annotate(place=Window(RowNumber(), partition_by=F("submission"), order_by=order))
        .filter(place__lte=NAMED)
        .order_by("submission", "place")
        .values_list("submission", "cell", "trial", "status", "failure_code")
    )
    for submission, cell, trial, status, code in rows:
        known[submission].append(Missing(cell=cell, trial=trial, status=status, code=code))
    return {submission: tuple(runs) for submission, runs in known.items()}


def why_unfinished(benchmark: Benchmark, progress: Progress, missing: Iterable[Missing]) -> str:
    """Why an entry under way has no rank: how many of its runs are done, and which are not.

    `missing` are those that `missing_of` gives. Of many only what has ended is named; the others may yet come.
    """
    few = progress.total - progress.succeeded <= NAMED
    named = [run.sentence(benchmark.plan) for run in missing if few or run.has_ended]
    return "; ".join([progress.sentence, *named])


def why_unranked(submission: Submission) -> str:
    """Why a submission has no rank, of its runs and rulings as they were read; empty where nothing is in the way."""
    if ruling := submission.taken_off:
        return why_struck(ruling)
    if change := withdrawal_of(submission):
        return why_withdrawn(change)
    benchmark, runs = submission.known_benchmark, list(submission.runs.all())
    progress = Progress(
        total=len(runs),
        succeeded=sum(run.state is Status.SUCCEEDED for run in runs),
        failed=sum(run.state is Status.FAILED for run in runs),
    )
    if benchmark is None or progress.is_done:
        return "" if benchmark else "its benchmark was withdrawn"
    others = sorted((_missing(run) for run in runs if run.state is not Status.SUCCEEDED), key=_ended_first)
    return why_unfinished(benchmark, progress, others[:NAMED])


def why_struck(ruling: Ruling) -> str:
    """Why an entry is off the boards."""
    return f"taken off by the {ruling.role}: {ruling.reason}"


def _missing(run: Run) -> Missing:
    return Missing(cell=run.cell, trial=run.trial, status=run.status, code=run.failure_code)


def _ended_first(run: Missing) -> tuple[int, int]:
    return _ORDER.get(Status(run.status), len(_ORDER)), run.trial
