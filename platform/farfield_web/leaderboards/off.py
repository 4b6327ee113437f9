"""Which entries are off the boards, and why: the one place that all boards ask, in whatever way they are read."""

import uuid
from collections.abc import Iterable

from farfield_web.entries.withdrawn import why_withdrawn, withdrawals
from farfield_web.leaderboards.held import repeats_of
from farfield_web.leaderboards.progress import why_struck
from farfield_web.submissions.models import Submission
from farfield_web.submissions.rulings import taken_off


def why_off(submissions: Iterable[Submission]) -> dict[uuid.UUID, str]:
    """Of these submissions those that have no rank although they may be done, by their keys, with the reason.

    Taken off by who runs the board, withdrawn by the author, or not the accepted one of two results of the same method
    version and settings; of one that is several of these, the first is told.
    """
    every = list(submissions)
    withdrawn = {key: why_withdrawn(change) for key, change in withdrawals(every).items()}
    rulings = {key: why_struck(ruling) for key, ruling in taken_off(every).items()}
    return {**repeats_of(every).held, **withdrawn, **rulings}
