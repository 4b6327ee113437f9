"""What an operator may do to anybody's runs: cancel them, run them again, take them back from a worker."""

from dataclasses import dataclass

from django.utils import timezone

from farfield_web.errors import SubmissionError
from farfield_web.runs.models import Run
from farfield_web.runs.outcomes import requeue
from farfield_web.runs.status import LEASED, Status, move
from farfield_web.runs.submit import add_runs
from farfield_web.runs.verbs import ENDED, is_current, locked
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Submission
from farfield_web.submissions.plan import plan_of
from farfield_web.submissions.quota import give_back

FREE = "run again by the operator"


@dataclass(frozen=True, kw_only=True)
class Again:
    """How many runs were queued, and the new submission that they are of; None where they are of the same one."""

    runs: int
    submission: Submission | None = None


def cancel(submission: Submission, only: Run | None, reason: str) -> int:
    """queued | preparing | running | scoring -> cancelled, and the quota given back; how many.

    Raises SubmissionError when nothing is open. To be called in a transaction.
    """
    runs = [run for run in locked(submission, only) if run.is_open]
    if not runs:
        raise SubmissionError("submission.finished", "Nothing is left to cancel: every run has ended.")
    message = f"cancelled by the operator: {reason}"
    for run in runs:
        move(run, Status.CANCELLED, message, finished_at=timezone.now(), lease_until=None)
    give_back(submission, "cancelled by the operator")
    return len(runs)


def run_again(submission: Submission, only: Run | None, reason: str) -> Again:
    """failed | cancelled -> queued, as new attempts, at no cost. Where all have succeeded, the entry is entered anew.

    Raises SubmissionError while it is under way, or when its benchmark has another version. In a transaction.
    """
    if not is_current(submission):
        raise SubmissionError("benchmark.withdrawn", "The benchmark has a new version, or is not here any more.")
    runs = locked(submission, only)
    ended = [run for run in runs if run.state in ENDED]
    for run in sorted(ended, key=lambda one: one.trial):
        requeue(run, f"run again by the operator: {reason}", losses=0)
    if ended:
        return Again(runs=len(ended))
    if any(run.state is not Status.SUCCEEDED for run in runs):
        raise SubmissionError("submission.nothing_to_retry", "It is waiting or under way; nothing of it has ended.")
    again = _entered_anew(submission)
    return Again(runs=again.runs.count(), submission=again)


def take_back(worker: str, message: str) -> int:
    """preparing | running | scoring -> queued, where they were in the queue, without a loss; how many."""
    held = Run.objects.filter(status__in=LEASED, worker=worker).select_for_update(of=("self",)).order_by("pk")
    runs = list(held)
    for run in runs:
        requeue(run, message, losses=run.losses, queued_at=run.queued_at)
    return len(runs)


def _entered_anew(earlier: Submission) -> Submission:
    """The same entry of the same person once more."""
    same = (
        "owner", "kind", "method", "method_name", "method_version", "upload", "image", "benchmark", "benchmark_version",
        "track", "tier", "config", "claims", "identity", "title", "note",
    )  # fmt: skip
    values = {name: getattr(earlier, name) for name in same}
    again = Submission(**values, created_at=timezone.now(), quota_at=None, quota_returned_because=FREE)
    again.save(force_insert=True)
    benchmark, resource = earlier.known_benchmark, earlier.runs.order_by("trial")[0].resource
    if benchmark is None:
        raise SubmissionError("benchmark.withdrawn", "The benchmark is not here any more.")
    plan = plan_of(benchmark, earlier.tier, handed_in=earlier.kind == Kind.PREDICTIONS)
    add_runs(again, plan, resource, FREE)
    return again
