"""Whether the site takes anything new."""

from farfield_web.errors import SubmissionError
from farfield_web.operations.models import OPEN, Pause


def pause_now() -> Pause | None:
    """The pause that holds now."""
    return Pause.objects.filter(OPEN).first()


def require_open() -> None:
    """Raises SubmissionError `intake.paused` with the operator's sentence."""
    pause = pause_now()
    if pause is not None:
        hint = "What is queued goes on; what you prepared can be submitted once this is over."
        raise SubmissionError("intake.paused", f"Nothing new is taken at present: {pause.sentence}", hint=hint)
