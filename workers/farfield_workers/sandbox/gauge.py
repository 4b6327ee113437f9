"""What a running sandbox uses at a moment: memory as its meter counts it, processor time, and its GPU."""

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from farfield_workers.sandbox.nvml import GpuUse, gauge_of

TICKS = os.sysconf("SC_CLK_TCK")
# In /proc/PID/stat behind the name: user and system time, of itself and of children that it has waited for.
TIMES = slice(11, 15)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """At `at`, by the monotonic clock in seconds: bytes held, processor seconds since the start, and its GPU if any."""

    at: float
    memory_bytes: int
    cpu_seconds: float
    gpu: GpuUse | None = None


Watch = Callable[[Reading], None]


class Held(Protocol):
    """What tells the bytes that are held now."""

    @property
    def held(self) -> int: ...


def unwatched(reading: Reading) -> None:
    """For an execution whose use nobody looks at."""


def reading_of(meter: Held, pids: Sequence[int], gpu: str | None = None) -> Reading:
    """What these processes, which are all of a sandbox that sees the GPU of this UUID, use now."""
    gauge = gauge_of(gpu)
    return Reading(
        at=time.monotonic(),
        memory_bytes=meter.held,
        cpu_seconds=sum(map(_cpu_seconds, pids)),
        gpu=gauge.use(pids) if gauge else None,
    )


def _cpu_seconds(pid: int) -> float:
    with contextlib.suppress(OSError, ValueError):
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return sum(map(int, told.rpartition(")")[2].split()[TIMES])) / TICKS
    return 0.0
