"""Where the next run is laid out, and the sandbox that already waits there for it.

To start a sandbox and to import what a method needs takes longer than many a run. So after two runs that were alike a
third is expected: its folders are made, and a sandbox is started on them, with the walls and the limits of the last
one. It holds nothing of any run, takes one job, and is abandoned where the next run is another, or does not come.
"""

import atexit
import logging
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from farfield_workers.execution import of_runner
from farfield_workers.leftovers import scratch_folder
from farfield_workers.sandbox.base import Execution, Finished, Sandbox, StartsAhead, Tick, Waiting, runner
from farfield_workers.sandbox.gauge import unwatched
from farfield_workers.trees import remove_tree

# How long one may wait: it holds up to its run's memory, and a file system of its own.
WAIT_SECONDS = 600.0
log = logging.getLogger(__name__)


class Place:
    """A scratch folder of one run, and a sandbox for what lies in it: the one that waits there, where it fits."""

    def __init__(self, var: Path, sandbox: Sandbox) -> None:
        self._held = ExitStack()
        self.folder = self._held.enter_context(scratch_folder(var, "run"))
        self.ran: tuple[Execution, Finished] | None = None
        self._sandbox = sandbox
        self._waiting: Waiting | None = None
        self._expected: Execution | None = None
        self._package: tuple[int, int] | None = None

    def expect(self, backend: StartsAhead, like: Execution, modules: frozenset[str]) -> None:
        """Start a sandbox for a run like that one, which loaded these modules."""
        (self.folder / "in").mkdir()
        made = of_runner(self.folder, like.limits)
        expected = replace(like, source=made.source, output=made.output, log=made.log, watch=unwatched)
        self._expected, self._package = expected, _identity(like.plugin)
        self._waiting = backend.ahead(expected, sorted(modules))

    def run(self, execution: Execution, tick: Tick) -> Finished:
        """As `Sandbox.run`."""
        finished = self._by_waiting(execution, tick) or self._sandbox.run(execution, tick)
        self.ran = execution, finished
        return finished

    def close(self) -> None:
        """End what waits, and remove the folder."""
        with self._held:
            self._abandon()

    def _by_waiting(self, execution: Execution, tick: Tick) -> Finished | None:
        """By the sandbox that waits on these folders; None where there is none that fits, and the folders are new."""
        if self._waiting is None or self._expected is None or execution.output != self._expected.output:
            return None
        same = replace(execution, watch=unwatched) == self._expected
        if same and _identity(execution.plugin) == self._package:
            waiting, self._waiting = self._waiting, None
            finished = waiting.finish(execution, tick)
            if finished is not None:
                return finished
        self._abandon()
        remove_tree(execution.output)
        execution.output.mkdir()
        return None

    def _abandon(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.abandon()


class NextRun:
    """The place of the next run of one worker, which takes one run after the other; at most one sandbox waits."""

    def __init__(self, var: Path, sandbox: Sandbox) -> None:
        self._var, self._sandbox = var, sandbox
        self._lock = threading.Lock()
        self._laid: Place | None = None
        self._overdue: threading.Timer | None = None
        self._over: list[Place] = []
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
        """Remove what is left of runs that are over."""
        while self._over:
            self._over.pop().close()

    def expect(self) -> None:
        """Where the last two runs were alike, have a sandbox wait for a third.

        To be called by a thread that stays: what it has started ends with it.
        """
        self.tidy()
        if len(self._ran) < 2 or _kind(self._ran[0][0]) != _kind(self._ran[1][0]):
            return
        execution, finished = self._ran[-1]
        if execution.command != runner() or not isinstance(self._sandbox, StartsAhead):
            return
        place = Place(self._var, self._sandbox)
        try:
            place.expect(self._sandbox, execution, finished.libraries)
        except Exception:  # the run that would have waited is started as any other
            log.warning("no sandbox waits for the next run", exc_info=True)
            place.close()
            return
        self.drop()
        overdue = threading.Timer(WAIT_SECONDS, self.drop, [place])
        overdue.daemon = True
        overdue.start()
        with self._lock:
            self._laid, self._overdue = place, overdue

    def drop(self, place: Place | None = None) -> None:
        """End what waits: this one, if it still does, or whatever does."""
        laid = self._taken(place)
        if laid is not None:
            laid.close()

    def _taken(self, place: Place | None = None) -> Place | None:
        with self._lock:
            if place is not None and place is not self._laid:
                return None
            if self._overdue is not None:
                self._overdue.cancel()
            laid, self._laid, self._overdue = self._laid, None, None
            return laid


def _kind(execution: Execution) -> Execution:
    """What is the same of two executions of one method, wherever they lie."""
    return replace(execution, source=None, output=Path(), log=Path(), watch=unwatched)


def _identity(folder: Path | None) -> tuple[int, int] | None:
    """Which folder it is: one that was removed and made anew is another, though it lies at the same place."""
    if folder is None:
        return None
    found = folder.stat()
    return found.st_dev, found.st_ino
