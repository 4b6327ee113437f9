"""What a data set is to the protocol: its environments, which of them are held out, and how it is trained on."""

from dataclasses import dataclass

STEPS = 5001
SMOKE_STEPS, SMOKE_CHECKPOINT_EVERY = 21, 10
HOLDOUT_FRACTION = 0.2
SMALL_BATCH, LARGE_BATCH = 64, 32  # an environment and step
SMALL_LR, LARGE_LR = 1e-3, 5e-5


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """One data set: its names, its environments in index order, and how it is trained on.

    `name` is DomainBed's class name, which stands in records and in seeds; `benchmark` is ours. Index order is the
    sorted order of the official folders, which `folders` names below `root` ("" where there are no folders).
    `rule` makes the images for each trial, from the pack `made_from`; without one they lie in a pack of their own.
    `smoke_steps` and `smoke_checkpoint_every` are those of the tier for authors. `held_out` are the numbers of the
    environments that are tested, all of them where it is empty; without `crops` the augmentation crops nothing.
    """

    name: str
    benchmark: str
    environments: tuple[str, ...]
    checkpoint_every: int
    small_images: bool = False
    root: str = ""
    folders: tuple[str, ...] = ()
    steps: int = STEPS
    rule: str = ""
    made_from: str = ""
    smoke_steps: int = SMOKE_STEPS
    smoke_checkpoint_every: int = SMOKE_CHECKPOINT_EVERY
    held_out: tuple[int, ...] = ()
    crops: bool = True

    @property
    def pack(self) -> str:
        """The name of the pack that it is made from."""
        return self.made_from or self.benchmark

    @property
    def tested(self) -> tuple[int, ...]:
        """The numbers of the environments that are held out in turn."""
        return self.held_out or tuple(range(len(self.environments)))

    @property
    def batch_size(self) -> int:
        """Images of each training environment in a step, with default hyperparameters."""
        return SMALL_BATCH if self.small_images else LARGE_BATCH

    @property
    def lr(self) -> float:
        """The default learning rate."""
        return SMALL_LR if self.small_images else LARGE_LR
