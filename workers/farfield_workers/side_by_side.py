"""Several runs of a plan at once: how many a machine carries, and what is told of them while they go on.

A run on one thread takes no more of the processors than one on several, which wait for each other at every step; so as
many runs as cores end sooner than the same runs one by one, where their memory allows it.
"""

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TypeVar

from farfield_workers.execution import Observer, Progress
from farfield_workers.sandbox.base import Stopped
from farfield_workers.sandbox.gauge import Reading

WorkT = TypeVar("WorkT")
ResultT = TypeVar("ResultT")


def carried(*, cores: int, memory: float, declared: float, computing: float = 0) -> int:
    """How many runs go at once: one for each core, while what they declare fits the memory that is free.

    memory, declared, computing: in the same unit. computing: what the features that runs need may take while they are
    computed, by one run at a time and before it has begun itself; 0 where none are needed.

    >>> carried(cores=8, memory=24, declared=1), carried(cores=8, memory=24, declared=19)
    (8, 1)
    >>> carried(cores=8, memory=24, declared=4), carried(cores=8, memory=24, declared=4, computing=8)
    (6, 5)
    """
    return max(1, min(cores, int((memory - max(0, computing - declared)) // declared)))


def results(
    wanted: Sequence[WorkT],
    run: Callable[[WorkT, Observer], ResultT],
    observer: Observer,
    *,
    at_once: int,
    title: Callable[[WorkT], str],
) -> Generator[tuple[WorkT, ResultT]]:
    """Run what is wanted, so many at once, and yield each with its result as it ends.

    At the first failure none is begun any more; those that go on come to their end. Of several failures that of the
    first in the order of `wanted` is raised, which is what the runs one by one would have told. A caller that looks no
    further stops them.
    """
    stopping, mouth = threading.Event(), threading.Lock()

    def watched(work: WorkT) -> ResultT:
        watcher = _Beside(observer, title(work), stopping, mouth)
        watcher.log("begins\n")
        try:
            return run(work, watcher)
        finally:
            watcher.rest()

    pool = ThreadPoolExecutor(at_once)
    failures: dict[int, BaseException] = {}
    try:
        open_runs = {pool.submit(watched, work): place for place, work in enumerate(wanted)}
        while open_runs:
            for future in wait(open_runs, return_when=FIRST_COMPLETED).done:
                place, error = open_runs.pop(future), future.exception()
                if error is None:
                    yield wanted[place], future.result()
                    continue
                failures[place] = error
                open_runs = {each: its for each, its in open_runs.items() if not each.cancel()}
        if failures:
            raise failures[min(failures)]
    finally:
        stopping.set()
        pool.shutdown(cancel_futures=True)


class _Beside:
    """The observer of one run among others: it says whose lines those are, and nothing of stages and steps."""

    def __init__(self, observer: Observer, title: str, stopping: threading.Event, mouth: threading.Lock) -> None:
        self._observer, self._title, self._stopping, self._mouth = observer, title, stopping, mouth
        self._begun = ""  # a line that has no end yet

    def stage(self, name: str) -> None:
        return None

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
        return None

    def alive(self) -> None:
        if self._stopping.is_set():
            raise Stopped
        with self._mouth:
            self._observer.alive()
