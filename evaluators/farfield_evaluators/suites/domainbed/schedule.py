"""Whether a run's steps and checkpoints fit together: asked before anything is trained."""

from farfield import FarfieldError

MOST_STEPS = 10_000_000  # a thousand times what any of DomainBed's data sets is trained for


class ScheduleError(FarfieldError):
    """Steps and checkpoints that do not fit together; says which number to change."""

    code = "resources.checkpoints"


def check_schedule(steps: int, every: int) -> None:
    """Raises ScheduleError for less than one step or too many, and for fewer than lie between checkpoints."""
    if steps < 1:
        raise ScheduleError(f"a run has at least 1 step, not {steps}; give {every} or more")
    if steps > MOST_STEPS:
        raise ScheduleError(f"a run has at most {MOST_STEPS:,} steps, not {steps:,}; give fewer")
    if steps < every:
        raise ScheduleError(
            f"{steps} steps are fewer than the {every} from one checkpoint to the next, so that nothing would be "
            f"evaluated between the first step and the last; give {every} or more"
        )
