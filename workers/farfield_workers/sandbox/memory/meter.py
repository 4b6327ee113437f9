"""Watching the memory of one run: is it over its limit, and what was the most that it held."""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from farfield_workers.sandbox.memory.accounting import proportional, residents, upper_bound
from farfield_workers.sandbox.memory.group import Group, Use
from farfield_workers.sandbox.memory.hidden import World, hidden_bytes, queued_bytes

ADDED_UP = "added up"
# The exact sum is looked at when the cheap one comes this near to the limit; else, for the record, twice a second.
NEAR, EXACT_SECONDS, HIDDEN_SECONDS = 0.75, 0.5, 0.25
# Below it, other processes than the largest are not worth an exact sum.
SMALL_BYTES = 16 << 20
# What starts and ends at once, as a child does between fork and exec, is no use of memory: it is looked at again.
AGAIN, AGAIN_SECONDS = 2, 0.03

Processes = Callable[[], list[int]]


class Counted(Protocol):
    """What there is to tell of a run's memory in the end: the most, and by what it was counted, for people."""

    counted: str

    @property
    def peak(self) -> int: ...

    @property
    def held(self) -> int:
        """What is held now, as of the last look."""


class Meter(Counted, Protocol):
    """The memory of one run; `entrances` are files to join it by, if any."""

    entrances: tuple[str, ...]

    def over(self, processes: Processes) -> bool:
        """Look, several times a second: whether the limit was broken."""

    def close(self) -> bool:
        """The run has ended: whether the limit was broken after the last look. Nothing is left behind."""


class Peak:
    """The most that a group held, without cached files, which are only there while there is room.

    The kernel's own highest figure has them in it. Less the most of them that was seen, it is still a figure that was
    reached, so a peak between two looks is not missed.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self.held = 0
        self._files = 0

    def saw(self, use: Use, highest: int, sockets: int = 0) -> int:
        """Returns what is held now."""
        self._files = max(self._files, use.files)
        held = use.held + sockets
        self.held = held
        self.bytes = max(self.bytes, held, highest - self._files)
        return held


class GroupMeter:
    """The kernel counts and limits; we read, and add what an old kernel leaves out."""

    def __init__(self, group: Group, limit: int) -> None:
        self.counted = group.counted
        self.entrances = tuple(str(path) for path in group.entrances)
        self._group = group
        self._limit = limit
        self._peak = Peak()

    @property
    def peak(self) -> int:
        return self._peak.bytes

    @property
    def held(self) -> int:
        return self._peak.held

    def over(self, processes: Processes) -> bool:
        sockets = 0 if self._group.counts_sockets else queued_bytes(processes())
        held = self._peak.saw(self._group.use(), self._group.highest(), sockets)
        return self._group.kills() > 0 or held > self._limit

    def close(self) -> bool:
        """The last look is before the group goes, and with it what it knows."""
        try:
            return self.over(list)
        finally:
            self._group.remove()


class AddingMeter:
    """We count, from outside, and end what is over its limit. `world` is what an isolated run has for itself.

    Where there is one, whatever no file backs lies in it or is refused, so it is counted there and nowhere else.
    """

    def __init__(self, limit: int, world: World | None) -> None:
        self.counted = ADDED_UP
        self.entrances: tuple[str, ...] = ()
        self.peak = self.held = 0
        self._limit = limit
        self._world = world
        self._hidden = 0
        self._next_exact = self._next_hidden = 0.0

    def over(self, processes: Processes) -> bool:
        for again in range(AGAIN + 1):
            held = self._held(processes())
            if held <= self._limit:
                self.peak = max(self.peak, held)
                return False
            if again < AGAIN:
                time.sleep(AGAIN_SECONDS)
        self.peak = max(self.peak, held)
        return True

    def close(self) -> bool:
        return False

    def _held(self, pids: Sequence[int]) -> int:
        """The sum, as exact as it has to be; 0 where it is of no interest: no new peak, and far from the limit."""
        hidden, found, now = self._hidden_of(pids), residents(pids, with_shared=self._world is None), time.monotonic()
        bound = upper_bound(found) + hidden
        others = bound - hidden - max((resident.most for resident in found), default=0)
        near = bound > self._limit * NEAR
        if bound <= self.peak or others < SMALL_BYTES:
            self.held = bound
        if not near and (bound <= self.peak or others < SMALL_BYTES):
            return bound if others < SMALL_BYTES else 0
        if not near and now < self._next_exact:
            return 0
        self._next_exact = now + EXACT_SECONDS
        self.held = proportional(found) + hidden
        return self.held

    def _hidden_of(self, pids: Sequence[int]) -> int:
        now = time.monotonic()
        if self._world is not None and now >= self._next_hidden:
            self._next_hidden = now + HIDDEN_SECONDS
            self._hidden = hidden_bytes(pids, self._world)
        return self._hidden
