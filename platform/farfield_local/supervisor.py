"""Keeps the processes of a site running, and ends them all in seconds.

Everything happens in the thread that calls: `check` is to be called often, several times a second. There is no thread
of its own, because a child's life is tied to the thread that started it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from farfield_local.child import Child
from farfield_local.errors import ChildFailed
from farfield_local.logs import bound, tail

MAX_RESTARTS = 3
WINDOW_SECONDS = 60.0
GRACE_SECONDS = 3.0
LOGS_EVERY_SECONDS = 30.0
Say = Callable[[str], None]


@dataclass
class _Part:
    """A process that is to run: how it is started, and when it was started again."""

    name: str
    start: Callable[[], Child]
    child: Child
    restarts: list[float] = field(default_factory=list)


class Supervisor:
    """Start parts in the order they need each other; they end in the opposite order.

    A part that ended more than `max_restarts` times within a minute is given up.
    """

    def __init__(self, say: Say, max_restarts: int = MAX_RESTARTS) -> None:
        self._say = say
        self._max_restarts = max_restarts
        self._parts: list[_Part] = []
        self._logs_looked_at = 0.0

    def add(self, name: str, start: Callable[[], Child]) -> Child:
        """Start a part and keep it running from now on."""
        child = start()
        self._parts.append(_Part(name, start, child))
        return child

    def pids(self) -> dict[str, int]:
        """The process of each part."""
        return {part.name: part.child.pid for part in self._parts}

    def check(self) -> None:
        """Start again what died, and bound the logs. Raises ChildFailed when a part keeps dying."""
        for part in self._parts:
            status = part.child.status()
            if status is not None:
                self._restart(part, status)
        if time.monotonic() > self._logs_looked_at + LOGS_EVERY_SECONDS:
            self._logs_looked_at = time.monotonic()
            for part in self._parts:
                bound(part.child.command.log)

    def leave(self, names: Callable[[str], bool], grace: float = GRACE_SECONDS) -> None:
        """End some of the parts first, while those that they take leave of still run. Safe to repeat."""
        going = [part for part in self._parts if names(part.name)]
        self._parts = [part for part in self._parts if not names(part.name)]
        _end(going, grace)

    def stop(self, grace: float = GRACE_SECONDS) -> None:
        """End all: asked at the same time, killed when the grace is over. Safe to repeat."""
        ending, self._parts = self._parts, []
        _end(ending, grace)

    def _restart(self, part: _Part, status: int) -> None:
        part.child.stop(0.0)  # what it left in its process group
        now = time.monotonic()
        part.restarts = [at for at in part.restarts if now - at < WINDOW_SECONDS]
        log = part.child.command.log
        if len(part.restarts) >= self._max_restarts:
            raise ChildFailed(
                f"the {part.name} ended with status {status} and was started again {self._max_restarts} times within "
                f"{WINDOW_SECONDS:.0f} s; its log, {log}, ends:\n{tail(log)}"
            )
        part.restarts.append(now)
        self._say(f"the {part.name} ended (status {status}); starting it again. Its log: {log}")
        part.child = part.start()


def _end(parts: Sequence[_Part], grace: float) -> None:
    for part in reversed(parts):
        part.child.ask_to_stop()
    limit = time.monotonic() + grace
    for part in reversed(parts):
        part.child.stop(limit - time.monotonic())
