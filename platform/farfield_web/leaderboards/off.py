"""Which entries are off the boards, and why: the one place that all boards ask, in whatever way they are read."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from farfield_web.entries.withdrawn import why_withdrawn, withdrawals
from farfield_web.leaderboards.held import repeats_of
from farfield_web.leaderboards.progress import why_struck
from farfield_web.submissions.models import Submission
from farfield_web.submissions.rulings import taken_off


def why_off(submissions: Iterable[Any], held: Mapping[uuid.UUID, str]) -> dict[uuid.UUID, str]:
    """Of submissions as `reading.counted` has them those without a rank although they may be done, with the reason.

    Taken off by who runs the board, withdrawn by the author, or `held` as not the accepted one of two results of the
    same method version and settings; of one that is several of these, the first is told.
    """
    every = list(submissions)
    return _why(held, [one for one in every if one.was_changed], [one for one in every if one.was_ruled])


def why_one_is_off(submission: Submission) -> str:
    """The same of one, however it was read; empty where it is on the boards."""
    return _why(repeats_of([submission]).held, [submission], [submission]).get(submission.pk, "")


def _why(
    held: Mapping[uuid.UUID, str], changed: Iterable[Submission], ruled: Iterable[Submission]
) -> dict[uuid.UUID, str]:
    withdrawn = {key: why_withdrawn(change) for key, change in withdrawals(changed).items()}
    rulings = {key: why_struck(ruling) for key, ruling in taken_off(ruled).items()}
    return {**held, **withdrawn, **rulings}
