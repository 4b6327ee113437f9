"""Results that changed, as lines of a table."""

from collections.abc import Iterable
from dataclasses import dataclass

from farfield_web.operations.models import Result
from farfield_web.runs.results import Change, sentence
from farfield_web.submissions.models import Submission


@dataclass(frozen=True, kw_only=True)
class ChangedLine:
    """A result that differs from the accepted one: both entries, what differs in words, and what was decided."""

    submission: Submission
    against: Submission | None
    sentences: tuple[str, ...]
    decision: str
    reason: str


def changed_lines(results: Iterable[Result]) -> list[ChangedLine]:
    """In the order of the results."""
    return [
        ChangedLine(
            submission=result.submission,
            against=result.against,
            sentences=tuple(sentence(Change(**change)) for change in result.changes),
            decision=result.decision,
            reason=result.reason,
        )
        for result in results
    ]
