"""Where the next run is laid out, and the sandbox that already waits there for it.

To start a sandbox and to import what a method needs takes longer than many a run. So after two runs that were alike a
third is expected: its folders are made, and a sandbox is started on them, with the walls and the limits of the last
one. It holds nothing of any run, takes one job, and is abandoned where the next run is another, or does not come.
"""

import atexit
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from farfield_workers.execution import of_runner
from farfield_workers.leftovers import cleared, scratch_folder
from farfield_workers.sandbox.base import Execution, Finished, Sandbox, StartsAhead, Tick, Waiting, runner
from farfield_workers.sandbox.gauge import unwatched
from farfield_workers.trees import remove_tree

# How long one may wait for its job, which may be laid out for hours: it holds up to its run's memory, and a file system
# of its own.
WAIT_SECONDS = 600.0
log = logging.getLogger(__name__)


class Place:
    """A scratch folder of one run, and a sandbox for what lies in it: the one that waits there, where it fits."""

    def __init__(self, var: Path, sandbox: Sandbox) -> None:
        self._held = ExitStack()
        self.folder = self._held.enter_context(scratch_folder(var, "run"))
        self.ran: tuple[Execution, Finished] | None = None
        self._sandbox = sandbox
        self._lock = threading.Lock()  # so that a run goes on when what waited has ended
        self._waiting: Waiting | None = None
        self._overdue: threading.Timer | None = None
        self._expected: Execution | None = None
        self._package: tuple[int, int] | None = None

    def expect(self, backend: StartsAhead, like: Execution, modules: frozenset[str]) -> None:
        """Start a sandbox for a run like that one, which loaded these modules."""
        (self.folder / "in").mkdir()
        made = of_runner(self.folder, like.limits)
        expected = replace(like, source=made.source, output=made.output, log=made.log, watch=unwatched)
        self._expected, self._package = expected, _identity(like.plugin)
        self._waiting = backend.ahead(expected, sorted(modules))

    def bound(self, seconds: float, overdue: Callable[[], None]) -> None:
        """Have `overdue` called if it still waits for its job then."""
        self._overdue = threading.Timer(seconds, overdue)
        self._overdue.daemon = True
        self._overdue.start()

    def run(self, execution: Execution, tick: Tick) -> Finished:
        """As `Sandbox.run`."""
        finished = self._by_waiting(execution, tick) or self._sandbox.run(execution, tick)
        self.ran = replace(execution, watch=unwatched), finished  # who watched has a lease, and more
        return finished

    def close(self) -> None:
        """End what waits, and remove the folder."""
        with self._held:
            self.abandon()

    def abandon(self) -> None:
        """End what waits. Its folders stay, and a run in them is started as any other."""
        with self._lock:
            waiting = self._ended_waiting()
            if waiting is not None:
                waiting.abandon()

    def _by_waiting(self, execution: Execution, tick: Tick) -> Finished | None:
        """By the sandbox that waits on these folders; None where there is none that fits, and the folders are new."""
        expected, self._expected = self._expected, None
        if expected is None or execution.output != expected.output:
            return None
        if replace(execution, watch=unwatched) == expected and _identity(execution.plugin) == self._package:
            with self._lock:
                waiting = self._ended_waiting()
            finished = waiting.finish(execution, tick) if waiting is not None else None
            if finished is not None:
                return finished
        self.abandon()
        remove_tree(execution.output)
        execution.output.mkdir()
        return None

    def _ended_waiting(self) -> Waiting | None:
        """What has waited until now, which is the caller's from here on."""
        if self._overdue is not None:
            self._overdue.cancel()
        waiting, self._waiting = self._waiting, None
        return waiting


class NextRun:
    """The place of the next run of one worker, which takes one run after the other; at most one sandbox waits."""

    def __init__(self, var: Path, sandbox: Sandbox) -> None:
        self._var, self._sandbox = var, sandbox
        self._lock = threading.Lock()
        self._laid: Place | None = None
        self._over: list[Place] = []
        self._left: deque[Path] = deque()  # folders that could not be removed
        self._ran: deque[tuple[Execution, Finished]] = deque(maxlen=2)
        atexit.register(self.drop)

    @contextmanager
    def place(self) -> Iterator[Place]:
        """For a run that is here. Its folder stays until `tidy`: to remove it takes time, and a report goes first."""
        self.tidy()
        place = self._taken() or Place(self._var, self._sandbox)
        try:
            yield place
        finally:
            self._over.append(place)
            if place.ran is not None:
                self._ran.append(place.ran)

    def tidy(self) -> None:
        """Remove what is left of runs that are over. What cannot be removed is tried again, and costs no run."""
        for _ in range(len(self._left)):
            folder = self._left.popleft()
            if not cleared(folder) and folder.exists():
                self._left.append(folder)
        while self._over:
            self._end(self._over.pop())

    def expect(self) -> None:
        """Where the last two runs were alike, have a sandbox wait for a third; it costs no run if none can.

        To be called by a thread that stays: what it has started ends with it.
        """
        self.tidy()
        if len(self._ran) < 2 or _kind(self._ran[0][0]) != _kind(self._ran[1][0]):
            return
        execution, finished = self._ran[-1]
        if execution.command != runner() or not isinstance(self._sandbox, StartsAhead):
            return
        place = None
        try:
            place = Place(self._var, self._sandbox)
            place.expect(self._sandbox, execution, finished.libraries)
        except Exception:  # the run that would have waited is started as any other
            log.warning("no sandbox waits for the next run", exc_info=True)
            if place is not None:
                self._end(place)
            return
        self.drop()
        place.bound(WAIT_SECONDS, partial(self._no_longer, place))
        with self._lock:
            self._laid = place

    def drop(self, place: Place | None = None) -> None:
        """End what waits: this one, if it still does, or whatever does."""
        laid = self._taken(place)
        if laid is not None:
            self._end(laid)

    def _no_longer(self, place: Place) -> None:
        """It has waited long enough; a run that is laid out there keeps its folders, and starts a sandbox itself."""
        self.drop(place)
        place.abandon()

    def _end(self, place: Place) -> None:
        """Close it; a folder that cannot be removed is left to `tidy`."""
        try:
            place.close()
        except Exception:  # a run that is over, or was never there, fails no other
            log.warning("%s cannot be removed yet", place.folder, exc_info=True)
            self._left.append(place.folder)

    def _taken(self, place: Place | None = None) -> Place | None:
        with self._lock:
            if place is not None and place is not self._laid:
                return None
            laid, self._laid = self._laid, None
            return laid


def _kind(execution: Execution) -> Execution:
    """What is the same of two executions of one method, wherever they lie."""
    return replace(execution, source=None, output=Path(), log=Path(), watch=unwatched)


def _identity(folder: Path | None) -> tuple[int, int] | None:
    """Which folder it is: one that was removed and made anew is another, though it lies at the same place."""
    if folder is None:
        return None
    status = folder.stat()
    return status.st_dev, status.st_ino
