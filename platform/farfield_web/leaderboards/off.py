"""Which entries are off the boards, and why: the one place that all boards ask, in whatever way they are read."""

import uuid
from collections.abc import Iterable

from farfield_web.leaderboards.progress import why_struck
from farfield_web.submissions.models import Submission
from farfield_web.submissions.rulings import taken_off


def why_off(submissions: Iterable[Submission]) -> dict[uuid.UUID, str]:
    """Of these submissions those that have no rank although they may be done, by their keys, with the reason."""
    return {key: why_struck(ruling) for key, ruling in taken_off(submissions).items()}
