"""A phase of training: so many steps by one optimizer, and how the learning rate moves in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield.errors import ProtocolError
from farfield_baselines.detection.core import Recipe
from farfield_baselines.trained.sampling import shuffled

Ints = npt.NDArray[np.int64]
DROP = 0.1  # what a learning rate is multiplied with at each of a phase's drops
SCHEDULES = ("cosine", "drops", "none")


@dataclass(frozen=True, kw_only=True)
class Phase:
    """What `detection.core.train` wants of settings, for a number of steps instead of epochs.

    drops: at which shares of the steps the learning rate drops, by the schedule of that name.
    """

    steps: int
    batch: int
    lr: float
    optimizer: str = "adam"
    momentum: float = 0.9
    weight_decay: float = 0.0
    schedule: str = "cosine"
    warm_up: int = 0
    drops: tuple[float, ...] = ()
    mirror: bool = True
    epochs: int = 1

    @classmethod
    def by(
        cls, config: Any, steps: int, batch: int, lr: float, *, drops: tuple[float, ...] = (), warm_up: int = 0
    ) -> Phase:
        """A phase by a detector's settings of what its phases have in common."""
        return cls(
            steps=steps,
            batch=batch,
            lr=lr,
            optimizer=config.optimizer,
            momentum=config.momentum,
            weight_decay=config.weight_decay,
            schedule=config.schedule,
            warm_up=warm_up,
            drops=drops,
            mirror=config.mirror,
        )


def pace(phase: Phase, step: int, steps: int, epoch: int = 0) -> float:
    """The factor of the learning rate at 0 <= step < steps; the schedule `drops` warms up linearly, too."""
    from farfield_baselines.trained.optimizers import factor

    if phase.schedule != "drops":
        return factor(phase, step, steps, epoch)
    if step < phase.warm_up:
        return (step + 1) / (phase.warm_up + 1)
    return float(DROP ** sum(step >= share * steps for share in phase.drops))


class InSteps(Recipe):
    """All images alike, in one epoch of as many steps as the phase has: set after set, each in an order of its own."""

    def length(self, domains: Ints) -> int:
        return int(self.config.steps * self.config.batch)

    def order(self, domains: Ints, rng: np.random.Generator) -> Iterator[Ints]:
        return in_steps(len(domains), self.config, rng)


def in_steps(count: int, phase: Any, rng: np.random.Generator) -> Iterator[Ints]:
    """The positions of each of a phase's steps. Raises ProtocolError where there is nothing to learn from."""
    if not count:
        raise ProtocolError("there is no image to learn from")
    return islice(_for_ever(count, phase.batch, rng), phase.steps)


def _for_ever(count: int, batch: int, rng: np.random.Generator) -> Iterator[Ints]:
    while True:
        yield from shuffled(count, batch, rng)
