"""Whether a run's steps and checkpoints fit together, and its predictions into what the method may use."""

from farfield import FarfieldError
from farfield_workers.sandbox.base import GIB, Limits

MOST_STEPS = 10_000_000  # a thousand times what any of DomainBed's data sets is trained for
PREDICTION_BYTES = 4  # int32, one for each example and checkpoint


class CheckpointBudgetError(FarfieldError):
    """Steps, checkpoints and predictions that do not fit together; says which number to change."""

    code = "resources.checkpoints"


def check_schedule(steps: int, every: int) -> None:
    """Raises CheckpointBudgetError for less than one step or too many, and for fewer than lie between checkpoints."""
    if steps < 1:
        raise CheckpointBudgetError(f"a run has at least 1 step, not {steps}; give {every} or more")
    if steps > MOST_STEPS:
        raise CheckpointBudgetError(f"a run has at most {MOST_STEPS:,} steps, not {steps:,}; give fewer")
    if steps < every:
        raise CheckpointBudgetError(
            f"{steps} steps are fewer than the {every} from one checkpoint to the next, so that nothing would be "
            f"evaluated between the first step and the last; give {every} or more"
        )


def check_predictions_fit(checkpoints: int, examples: int, limits: Limits) -> None:
    """Raises CheckpointBudgetError where predictions take over half the memory, or all that a run may write."""
    needed = checkpoints * examples * PREDICTION_BYTES
    allowed = min(limits.memory_bytes // 2, limits.output_bytes)
    if needed > allowed:
        takes = f"{checkpoints:,} checkpoints with predictions for {examples:,} examples take {needed / GIB:.3g} GiB"
        bound = f"half of the memory that the method declares, or all that a run may write, is {allowed / GIB:.3g} GiB"
        raise CheckpointBudgetError(f"{takes}, and {bound}; take fewer steps, or declare more memory")
