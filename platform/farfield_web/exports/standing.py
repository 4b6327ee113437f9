"""What every export of an entry says of it: that it stands, or that it was taken off or withdrawn, and why."""

from farfield_web.submissions.models import Submission

STANDS, TAKEN_OFF = "stands", "taken off the boards"


def state_of(submission: Submission) -> dict[str, str]:
    """The state of an entry now, with the reason, which is empty where it stands."""
    ruling = submission.taken_off
    if ruling is not None:
        return {"state": TAKEN_OFF, "reason": f"by the {ruling.role} on {ruling.at:%Y-%m-%d}: {ruling.reason}"}
    return {"state": STANDS, "reason": ""}
