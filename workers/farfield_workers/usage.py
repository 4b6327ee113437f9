"""What a run used over time, as a curve of few points whatever the run's length."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from farfield_evaluators.wire import MOST_POINTS, GpuUsage, Usage
from farfield_workers.sandbox.gauge import Reading

FIRST_SECONDS = 0.5  # as often as a sandbox tells; from then on doubled whenever there are too many points


@dataclass
class Slot:
    """What is known of one point: most bytes, seconds of processors, and of the GPU the sum of so many readings."""

    memory: int = 0
    cpu: float = 0.0
    gpu_memory: int = 0
    gpu_busy: float = 0.0
    gpu_readings: int = 0


class UsageCurve:
    """Takes readings, and gives the curve so far.

    A point is the most memory and the mean number of processors in `every` seconds. Stages follow one another in
    sandboxes of their own, whose processor time begins anew. It is added to in one thread and told in another.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._every = FIRST_SECONDS
        self._slots: list[Slot] = []
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
        self._slots += [Slot() for _ in range(place + 1 - len(self._slots))]
        slot, used = self._slots[place], reading.cpu_seconds - self._spent
        slot.memory = max(slot.memory, reading.memory_bytes)
        slot.cpu += used if used >= 0 else reading.cpu_seconds
        self._spent = reading.cpu_seconds
        if reading.gpu is not None:
            slot.gpu_memory = max(slot.gpu_memory, reading.gpu.memory_bytes)
            slot.gpu_busy += reading.gpu.busy
            slot.gpu_readings += 1

    def told(self) -> Usage | None:
        """None before there was anything to tell."""
        with self._lock:
            if not self._slots:
                return None
            return Usage(
                every=self._every,
                memory=tuple(slot.memory for slot in self._slots),
                cpu=tuple(round(slot.cpu / self._every, 2) for slot in self._slots),
                gpu=_gpu(self._slots),
            )

    def _halve(self) -> None:
        self._every *= 2
        self._slots = [_joined(self._slots[at : at + 2]) for at in range(0, len(self._slots), 2)]


def _gpu(slots: Sequence[Slot]) -> GpuUsage | None:
    """None where no GPU was ever read."""
    if not any(slot.gpu_readings for slot in slots):
        return None
    return GpuUsage(
        memory=tuple(slot.gpu_memory for slot in slots),
        busy=tuple(round(slot.gpu_busy / max(slot.gpu_readings, 1), 3) for slot in slots),
    )


def _joined(slots: Sequence[Slot]) -> Slot:
    """Neighbours as one."""
    return Slot(
        memory=max(slot.memory for slot in slots),
        cpu=sum(slot.cpu for slot in slots),
        gpu_memory=max(slot.gpu_memory for slot in slots),
        gpu_busy=sum(slot.gpu_busy for slot in slots),
        gpu_readings=sum(slot.gpu_readings for slot in slots),
    )
