"""What a run used over time, as a curve of few points whatever the run's length."""

import threading

from farfield_evaluators.wire import MOST_POINTS, Usage
from farfield_workers.sandbox.gauge import Reading

FIRST_SECONDS = 0.5  # as often as a sandbox tells; from then on doubled whenever there are too many points


class UsageCurve:
    """Takes readings, and gives the curve so far.

    A point is the most memory and the mean number of processors in `every` seconds. Stages follow one another in
    sandboxes of their own, whose processor time begins anew. It is added to in one thread and told in another.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._every = FIRST_SECONDS
        self._memory: list[int] = []
        self._cpu: list[float] = []  # seconds of processors
        self._begun: float | None = None
        self._spent = 0.0

    def add(self, reading: Reading) -> None:
        """A later reading than the last."""
        with self._lock:
            self._add(reading)

    def _add(self, reading: Reading) -> None:
        self._begun = reading.at if self._begun is None else self._begun
        while (place := int((reading.at - self._begun) / self._every)) >= MOST_POINTS:
            self._halve()
        while len(self._memory) <= place:
            self._memory.append(0)
            self._cpu.append(0.0)
        used = reading.cpu_seconds - self._spent
        self._memory[place] = max(self._memory[place], reading.memory_bytes)
        self._cpu[place] += used if used >= 0 else reading.cpu_seconds
        self._spent = reading.cpu_seconds

    def told(self) -> Usage | None:
        """None before there was anything to tell."""
        with self._lock:
            cpu = tuple(round(seconds / self._every, 2) for seconds in self._cpu)
            return Usage(every=self._every, memory=tuple(self._memory), cpu=cpu) if cpu else None

    def _halve(self) -> None:
        self._every *= 2
        self._memory = [max(self._memory[at : at + 2]) for at in range(0, len(self._memory), 2)]
        self._cpu = [sum(self._cpu[at : at + 2]) for at in range(0, len(self._cpu), 2)]
