"""The sandbox contract: stage a folder, run the runner on it, collect files, destroy everything.

A backend starts `farfield.runner` in a process of its own, sees to the limits, and reports how it ended. It never
interprets what the process wrote: that is data, validated elsewhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from farfield.method import Resources

GIB = 1 << 30


class Ending(StrEnum):
    """How an execution ended, as seen from outside."""

    COMPLETED = "completed"  # exit status 0
    REPORTED = "reported"  # exit status 1: the runner wrote error.json
    CRASHED = "crashed"  # any other status or signal
    TIME = "time"
    MEMORY = "memory"
    OUTPUT = "output"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of one execution: bytes of memory, of all output files and of the log; wall-clock seconds."""

    memory_bytes: int
    seconds: float
    output_bytes: int = 2 * GIB
    log_bytes: int = 4 << 20

    @classmethod
    def of(cls, resources: Resources) -> "Limits":
        return cls(memory_bytes=int(resources.memory_gib * GIB), seconds=resources.minutes * 60)


@dataclass(frozen=True, kw_only=True)
class Execution:
    """What to run: runner arguments (an input folder, or "describe"), the output folder, limits, one GPU or none."""

    source: Path | None
    output: Path
    limits: Limits
    gpu: str | None = None


@dataclass(frozen=True, kw_only=True)
class Finished:
    """An ended execution: how, the exit status if there was one, and wall-clock seconds measured outside."""

    ending: Ending
    status: int | None
    seconds: float


class Stopped(Exception):
    """Raised by a tick to end an execution at once: the run was cancelled, or its lease is lost."""


Tick = Callable[[], None]


class Sandbox(Protocol):
    """One backend."""

    name: str

    def run(self, execution: Execution, tick: Tick) -> Finished:
        """Run to the end, calling `tick` about twice a second; nothing of it is alive when this returns or raises.

        Raises whatever `tick` raises, after destroying the process.
        """
