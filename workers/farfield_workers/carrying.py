"""How many runs of a plan a machine carries at once: by what they declare, then by what those that ended held.

A method declares what its largest run may need, and most of its runs on most benchmarks need a small part of that. So
once a run of a plan has ended, the others count with half as much again as the most that any held.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

MARGIN = 1.5  # of what was held: no two runs of a plan hold the same
LEAST_GIB = 0.5  # what any run is taken to hold, for one that was seen too seldom to be known
LEAST_DEVICE_GIB = 1.0  # the same on a GPU, where a context alone takes about half of it


@dataclass(frozen=True, kw_only=True)
class Held:
    """What a run holds, or held at most, in GiB: of the machine's memory, and of its GPU's; None where unseen."""

    memory: float | None = None
    device: float | None = None


class Carrier(Protocol):
    """Who says how many runs of a plan go at once."""

    @property
    def most(self) -> int:
        """How many go at once at most, as far as is known; at least one."""

    def at_once(self, going: Sequence[Held]) -> int:
        """How many may go just now, with those that go already: what each of them holds by now."""

    def learn(self, held: Held) -> None:
        """A run ended, which held so much at most. May be called by several threads."""


@dataclass(frozen=True)
class Fixed:
    """As many as somebody asked for."""

    most: int

    def at_once(self, going: Sequence[Held]) -> int:
        return self.most

    def learn(self, held: Held) -> None:
        return None


@dataclass(kw_only=True)
class Learning:
    """As many as fit, in GiB; the machine's free memory is asked when it is made and again before each run.

    declared: what a run may hold, which bounds it. computing, beside: as of `carried`. free: what is free of the memory
    just now. device_free: the same of the one GPU that runs use, None where nobody tells; None itself without a GPU. A
    run on a GPU goes alone until it is known what one holds of that, for nothing bounds it there. Of a GPU as much is
    left for what is computed as of the memory.

    A run that has begun grows until it holds its share, so what it does not hold yet is free and yet promised.
    """

    cores: int
    declared: float
    free: Callable[[], float]
    computing: float = 0
    beside: bool = False
    device_free: Callable[[], float | None] | None = None
    _held: float | None = None
    _device_held: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        self._memory = self.free()
        self._device = self.device_free() if self.device_free else None

    @property
    def share(self) -> float:
        """What one more run is expected to hold, in GiB: never more than it may.

        >>> learning = Learning(cores=2, declared=19, free=lambda: 16)
        >>> learning.share, learning.most
        (19, 1)
        >>> learning.learn(Held(memory=2))
        >>> learning.share, learning.most
        (3.0, 2)
        """
        if self._held is None:
            return self.declared
        return min(self.declared, max(LEAST_GIB, MARGIN * self._held))

    @property
    def most(self) -> int:
        return self._fitting(self._memory, self._device)

    def at_once(self, going: Sequence[Held]) -> int:
        """What those that go do not hold yet of their shares is promised to them.

        >>> free = [24]
        >>> learning = Learning(cores=8, declared=3, free=lambda: free[0])
        >>> free[0] = 7
        >>> learning.at_once([]), learning.at_once([Held()]), learning.at_once([Held(memory=2)])
        (2, 2, 3)
        """
        memory = self.free() + sum(min(self.share, held.memory or 0) for held in going)
        device, share = self.device_free() if self.device_free else None, self._device_share
        if device is not None and share is not None:
            device += sum(min(share, held.device or 0) for held in going)
        return min(self.most, self._fitting(memory, device))

    def learn(self, held: Held) -> None:
        with self._lock:
            self._held = _highest(self._held, held.memory)
            self._device_held = _highest(self._device_held, held.device)

    @property
    def _device_share(self) -> float | None:
        return None if self._device_held is None else max(LEAST_DEVICE_GIB, MARGIN * self._device_held)

    def _fitting(self, memory: float, device: float | None) -> int:
        """How many go at once in so much memory, and so much of the GPU's."""
        machine = carried(
            cores=self.cores, memory=memory, declared=self.share, computing=self.computing, beside=self.beside
        )
        if self.device_free is None:
            return machine
        share = self._device_share
        if device is None or share is None:
            return 1
        return carried(cores=machine, memory=device, declared=share, computing=self.computing, beside=self.beside)


def carried(*, cores: int, memory: float, declared: float, computing: float = 0, beside: bool = False) -> int:
    """How many runs go at once: one for each core, while what they declare fits the memory that is free.

    memory, declared, computing: in the same unit. computing: what the features that runs need may take while they are
    computed, by one run at a time and before it has begun itself; 0 where none are needed. beside: it may also go on
    while the run that needs it holds its memory, as text embeddings do, which runs ask for.

    >>> carried(cores=8, memory=24, declared=1), carried(cores=8, memory=24, declared=19)
    (8, 1)
    >>> carried(cores=8, memory=24, declared=4), carried(cores=8, memory=24, declared=4, computing=8)
    (6, 5)
    >>> carried(cores=8, memory=24, declared=4, computing=8, beside=True)
    4
    """
    room = computing if beside else max(0, computing - declared)
    return max(1, min(cores, int((memory - room) // declared)))


def _highest(known: float | None, more: float | None) -> float | None:
    return max((each for each in (known, more) if each is not None), default=None)
