"""The sandbox contract: stage folders, run one command on them, collect files, destroy everything.

A backend starts a command in a world of its own, sees to the limits, and reports how it ended. It never interprets
what the command wrote: that is data, validated elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable

from farfield.method import Resources
from farfield.precision import Precision
from farfield_workers.sandbox.gauge import Watch, unwatched

GIB = 1 << 30
MIB = 1 << 20

# Where the folders of an execution lie, as its command sees them. A command names files by these.
IN = "/farfield/in"
OUT = "/farfield/out"
PLUGIN = "/farfield/plugin"
# Stands in a command for the sandbox's own Python interpreter.
PYTHON = "{python}"


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
    """Bounds of one execution, in bytes and wall-clock seconds.

    `output_bytes` and `output_files` bound the output folder, `log_bytes` what is kept of the log, `tmp_bytes` the
    private /tmp, `shared_bytes` /dev/shm, `processes` the processes and threads together.
    """

    memory_bytes: int
    seconds: float
    output_bytes: int = 2 * GIB
    output_files: int = 20_000
    log_bytes: int = 4 * MIB
    tmp_bytes: int = GIB
    shared_bytes: int = GIB
    processes: int = 512
    open_files: int = 1024

    @classmethod
    def of(cls, resources: Resources) -> "Limits":
        return cls(memory_bytes=int(resources.memory_gib * GIB), seconds=resources.minutes * 60)


@dataclass(frozen=True, kw_only=True)
class Execution:
    """What to run, and all that it may see.

    command: the program and its arguments; PYTHON stands for the interpreter, files are named below IN, OUT, PLUGIN
        and the places in `binds`. With `image`, the arguments of the image's own entry point.
    source: read-only at IN. output: an empty folder of the caller's, writable at OUT, the working folder.
    log: a file outside of `output` that receives standard output and standard error.
    plugin: a folder of installed packages, read-only at PLUGIN and first on the import path.
    binds: further files and folders, read-only: place inside -> path outside.
    environment: added to the few variables that every command gets.
    gpu: UUID of the one visible GPU. network: only ever for fetching packages, never for running a method.
    image: digest of a container image that brings the runtime, instead of this host's.
    own_disk: give `output` a file system of its own where this host can, which goes with the folder (`remove_tree`);
        for code that somebody submitted, whose output is read and never moved.
    watch: called with what it uses, before each tick.
    precision: in which numbers it computes.
    imports: entry points of the operator's plugins that the runner will import, for one that is started ahead.
    """

    command: tuple[str, ...]
    output: Path
    log: Path
    limits: Limits
    source: Path | None = None
    plugin: Path | None = None
    binds: Mapping[str, Path] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    gpu: str | None = None
    network: bool = False
    image: str | None = None
    own_disk: bool = False
    watch: Watch = unwatched
    precision: Precision = Precision.FLOAT32
    imports: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Memory:
    """The most bytes that an execution held at once, and its limit; files that are cached or mapped do not count.

    `counted` says by what: a control group, the container engine, or adding up.
    """

    peak_bytes: int
    limit_bytes: int
    counted: str


@dataclass(frozen=True, kw_only=True)
class Finished:
    """An ended execution: how, the exit status if there was one, and wall-clock seconds measured outside.

    `disk_full` says that the disk below the output folder was without room for a while, and not by this execution.
    `memory` is what it held at most, where that was seen, `libraries` those of `usage.LIBRARIES` that it had loaded.
    `waited` says that it was started before its job was there, so that its start is not in `seconds`.
    """

    ending: Ending
    status: int | None
    seconds: float
    disk_full: bool = False
    memory: "Memory | None" = None
    libraries: frozenset[str] = frozenset()
    waited: bool = False


class Stopped(Exception):
    """Raised by a tick to end an execution at once: the run was cancelled, or its lease is lost."""


Tick = Callable[[], None]


class Runs(Protocol):
    """What runs an execution."""

    def run(self, execution: Execution, tick: Tick) -> Finished:
        """Run to the end, calling `tick` about twice a second; nothing of it is alive when this returns or raises.

        Raises whatever `tick` raises, after destroying the process.
        """


class Sandbox(Runs, Protocol):
    """One backend. `isolates` says whether it holds against hostile code; `runs_images` whether it takes images."""

    name: str
    isolates: bool
    runs_images: bool


class Waiting(Protocol):
    """A sandbox that was started before its job was there; it takes one, or none."""

    def finish(self, execution: Execution, tick: Tick) -> Finished | None:
        """As `Sandbox.run`, for the job that lies in its folders now; None where it has ended while it waited.

        `execution` is the one that it was started for; only who watches may be another.
        """

    def abandon(self) -> None:
        """End it without a job; nothing of it is alive when this returns."""


@runtime_checkable
class StartsAhead(Protocol):
    """A backend that can start a sandbox before its job is there."""

    def ahead(self, execution: Execution, modules: Sequence[str] = ()) -> Waiting:
        """The runner in the very sandbox in which `run` would start it, waiting for its job.

        Its folders are the execution's, with nothing in them yet. Until it is told it imports `modules` and what the
        operator installed, and runs no code of `plugin`.
        """


def runner(*arguments: str) -> tuple[str, ...]:
    """The command that starts the runner: on the folders IN and OUT, or with other arguments."""
    return (PYTHON, "-m", "farfield.runner", *(arguments or (IN, OUT)))


def waiting_runner(execution: Execution, modules: Sequence[str]) -> Execution:
    """The same, with the command that imports what it can and starts the runner when it is told to."""
    options = ["--first", PLUGIN] if execution.plugin is not None else []
    options += [part for name in execution.imports for part in ("--plugin", name)]
    options += [part for name in modules for part in ("--module", name)]
    return replace(execution, command=(PYTHON, "-m", "farfield.runtime.waiting", *options, IN, OUT))
