"""What every export of an entry says of it: that it stands, or that it is off the boards, and why."""

from farfield_web.leaderboards.off import why_one_is_off
from farfield_web.submissions.models import Submission

STANDS, OFF = "stands", "off the boards"


def state_of(submission: Submission) -> dict[str, str]:
    """The state of an entry now, with the reason, which is empty where it stands."""
    reason = why_one_is_off(submission)
    return {"state": OFF if reason else STANDS, "reason": reason}
