"""The sentences of notifications about entries; what happened is found out by who calls."""

from typing import Any

from django.urls import reverse

from farfield_web.people.notices import CORRECTED, FAILED, FINISHED, OVERTAKEN, Notice, tell


def ended(submission: Any, *, failed: int, runs: int) -> None:
    """All runs of an entry are at their end."""
    if failed:
        kind, how = FAILED, "has failed" if runs == 1 else f"has ended; {failed} of its {runs} runs failed"
    else:
        kind, how = FINISHED, "has finished"
    _tell(submission, kind, how, f"Your entry of {submission.display_name} on {submission.benchmark} {how}.",
          runs=runs, failed=failed)  # fmt: skip


def corrected(submission: Any, verb: str, reason: str) -> None:
    """An operator's word about an entry."""
    did = {"invalidate": "taken off the boards", "restore": "put back on the boards"}.get(verb, "noted on")
    text = f"Your entry of {submission.display_name} on {submission.benchmark} was {did} by an operator: {reason}"
    _tell(submission, CORRECTED, f"was {did}", text, verb=verb, reason=reason)


def overtaken(submission: Any, by: int, rank: int, board: str) -> None:
    """So many entries of others came to stand above it."""
    entries = "an entry of somebody else" if by == 1 else f"{by} entries of others"
    text = f"Your entry of {submission.display_name} on {board} was overtaken by {entries}; its rank is {rank} now."
    _tell(submission, OVERTAKEN, "was overtaken", text, by=by, rank=rank)


def _tell(submission: Any, kind: str, how: str, text: str, **facts: Any) -> None:
    known = {"submission": str(submission.pk), "benchmark": submission.benchmark, "method": submission.method_name}
    tell(
        submission.owner,
        Notice(
            kind=kind,
            subject=f"{submission.display_name} on {submission.benchmark} {how}"[:200],
            text=text,
            path=reverse("submission", args=[submission.pk]),
            facts={**known, **facts},
        ),
    )
