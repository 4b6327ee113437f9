"""Several runs of a plan at once, and what is told of them while they go on.

A run on one thread takes no more of the processors than one on several, which wait for each other at every step; so as
many runs as cores end sooner than the same runs one by one, where their memory allows it.
"""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from farfield_workers.carrying import Held
from farfield_workers.execution import Observer, Progress
from farfield_workers.sandbox.base import GIB, Stopped
from farfield_workers.sandbox.gauge import Reading

WorkT = TypeVar("WorkT")
ResultT = TypeVar("ResultT")


def results(
    wanted: Sequence[WorkT],
    run: Callable[[WorkT, Observer], ResultT],
    observer: Observer,
    *,
    at_once: Callable[[Sequence[Held]], int],
    title: Callable[[WorkT], str],
) -> Generator[tuple[WorkT, ResultT]]:
    """Run what is wanted, some at once, and yield each with its result as it ends.

    at_once: how many may go, with those that go already, of which each holds so much by now; asked before each begins.
    One goes in any case.
    At the first failure none is begun any more; those that go on come to their end. Of several failures that of the
    first in the order of `wanted` is raised, which is what the runs one by one would have told. A caller that looks no
    further stops them.
    """
    stopping, mouth = threading.Event(), threading.Lock()
    watchers = [_Beside(observer, title(work), stopping, mouth) for work in wanted]

    def watched(place: int) -> ResultT:
        watcher = watchers[place]
        watcher.log("begins\n")
        try:
            return run(wanted[place], watcher)
        finally:
            watcher.rest()

    pool = ThreadPoolExecutor(max(1, len(wanted)))
    failures: dict[int, BaseException] = {}
    open_runs: dict[Future[ResultT], int] = {}
    waiting = deque(range(len(wanted)))

    def begin() -> None:
        while waiting and not failures and len(open_runs) < max(1, at_once(_held(watchers, open_runs.values()))):
            place = waiting.popleft()
            open_runs[pool.submit(watched, place)] = place

    try:
        begin()
        while open_runs:
            ended = {future: open_runs.pop(future) for future in wait(open_runs, return_when=FIRST_COMPLETED).done}
            failures |= {place: error for future, place in ended.items() if (error := future.exception()) is not None}
            begin()  # the next go while the caller looks at those that ended
            for future, place in ended.items():
                if place not in failures:
                    yield wanted[place], future.result()
        if failures:
            raise failures[min(failures)]
    finally:
        stopping.set()
        pool.shutdown(cancel_futures=True)


class _Beside:
    """The observer of one run among others: it says whose lines those are, and nothing of stages and steps.

    held: what the run holds by now. What features took that it needed is free again when the run itself begins.
    """

    def __init__(self, observer: Observer, title: str, stopping: threading.Event, mouth: threading.Lock) -> None:
        self._observer, self._title, self._stopping, self._mouth = observer, title, stopping, mouth
        self._begun = ""  # a line that has no end yet
        self.held = Held()

    def stage(self, name: str) -> None:
        self.held = Held()

    def progress(self, progress: Progress) -> None:
        return None

    def log(self, text: str) -> None:
        *lines, self._begun = (self._begun + text).split("\n")
        with self._mouth:
            for line in lines:
                self._observer.log(f"{self._title}: {line}\n")

    def rest(self) -> None:
        """Say the line that has no end."""
        if self._begun:
            self.log("\n")

    def used(self, reading: Reading) -> None:
        device = reading.gpu.memory_bytes / GIB if reading.gpu else None
        self.held = Held(memory=reading.memory_bytes / GIB, device=device)

    def alive(self) -> None:
        if self._stopping.is_set():
            raise Stopped
        with self._mouth:
            self._observer.alive()


def _held(watchers: Sequence[_Beside], places: Iterable[int]) -> list[Held]:
    return [watchers[place].held for place in places]


class Watching:
    """The observer of a run, who also remembers the most of its GPU's memory that was seen to be held."""

    def __init__(self, observer: Observer) -> None:
        self._device_bytes = 0
        self.stage, self.progress, self.log = observer.stage, observer.progress, observer.log
        self.alive, self._used = observer.alive, observer.used

    @property
    def device_gib(self) -> float | None:
        """None where none was seen: the driver tells nothing to a worker that numbers processes otherwise."""
        return self._device_bytes / GIB or None

    def used(self, reading: Reading) -> None:
        if reading.gpu is not None:
            self._device_bytes = max(self._device_bytes, reading.gpu.memory_bytes)
        self._used(reading)
