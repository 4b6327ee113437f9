"""Whether a run's steps, checkpoints and predictions fit together: asked before anything is trained."""

from farfield import FarfieldError

GIB = 1 << 30
PREDICTION_BYTES = 4  # int32, one for each example and checkpoint
MOST_STEPS = 10_000_000  # a thousand times what any of DomainBed's data sets is trained for


class ScheduleError(FarfieldError):
    """Steps, checkpoints and predictions that do not fit together; says which number to change."""

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


def check_predictions_fit(checkpoints: int, examples: int, room: int | None) -> None:
    """Raises ScheduleError where predictions take more bytes than there is room; there is any where that is None."""
    needed = checkpoints * examples * PREDICTION_BYTES
    if room is not None and needed > room:
        takes = f"{checkpoints:,} checkpoints with predictions for {examples:,} examples take {needed / GIB:.3g} GiB"
        bound = f"half of the memory that the method declares, or all that a run may write, is {room / GIB:.3g} GiB"
        raise ScheduleError(f"{takes}, and {bound}; take fewer steps, or declare more memory")
