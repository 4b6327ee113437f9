"""Supervision of a sandbox that is a child process of the worker: its limits, its log, and its end."""

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from farfield_workers.sandbox.base import MIB, Ending, Execution, Finished, Limits, Memory, Tick
from farfield_workers.sandbox.disk import RunDisk
from farfield_workers.sandbox.gauge import reading_of
from farfield_workers.sandbox.log import LogPump
from farfield_workers.sandbox.memory.choice import joining
from farfield_workers.sandbox.memory.meter import Counted, Meter
from farfield_workers.sandbox.usage import Family, mapped, tree

POLL_SECONDS = 0.05
MEMORY_SECONDS = 0.1
TICK_SECONDS = 0.5
LIBRARY_LOOKS = 60  # ticks in which is seen what it has loaded, until there is something
DESTROY_SECONDS = 10.0
LOG_SECONDS = 10.0
# What a thread reserves: its stack, and the part of a heap of its own that the allocator maps at once.
THREAD_BYTES = 8 * MIB
# Rows of CPU time that a run may burn per wall-clock second: all cores, and some room for start and end.
CPU_MARGIN_SECONDS = 60

Processes = Callable[[int], list[int]]  # process id of the child -> all that belong to it, itself included


class Child:
    """One command, started in a session of its own, with its output going through a pipe to the log file.

    The meter is the child's from here on: it is closed when the child has ended, or could not be started. `word` is
    what the command reads as its standard input: nothing, or the end of a pipe for one that waits for its job.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        execution: Execution,
        *,
        environment: dict[str, str],
        folder: Path,
        meter: Meter,
        processes: Processes = tree,
        pass_fds: tuple[int, ...] = (),
        isolated: bool = True,
        word: int = subprocess.DEVNULL,
    ) -> None:
        self._meter = meter
        self._processes = processes
        self._isolated = isolated
        try:
            self.begin(execution)
            reading, writing = os.pipe()
        except BaseException:
            meter.close()
            raise
        self._log = LogPump(reading, execution.log, execution.limits.log_bytes)
        try:
            self._process = subprocess.Popen(
                joining(meter, arguments),
                stdin=word,
                stdout=writing,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=environment,
                start_new_session=True,
                close_fds=True,
                pass_fds=pass_fds,
            )
        except BaseException:
            meter.close()
            raise
        finally:
            os.close(writing)
            self._log.start()
        self._family = Family(self._process.pid, processes)

    def begin(self, execution: Execution) -> None:
        """From now on its time counts, and what it writes; for one that has waited, that is when its job is there."""
        self._execution = execution
        self._started = time.monotonic()
        self._disk = RunDisk(execution, self._members, isolated=self._isolated)
        self._libraries, self._looks = frozenset[str](), 0

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def abandon(self) -> bool:
        """Destroy all of it; whether its memory went over the limit."""
        self._destroy()
        return self._meter.close()

    def finish(self, tick: Tick) -> Finished:
        """Watch to the end, then destroy whatever is left; raises what `tick` raises, after destroying it."""
        try:
            broken = self._watch(tick)
        finally:
            over = self.abandon()
        if broken in (None, Ending.TIME) and not over and self._disk.was_over():
            broken = Ending.OUTPUT
        status = self._process.returncode
        ending = broken or (Ending.MEMORY if over else ending_of(status))
        return Finished(
            ending=ending,
            status=status,
            seconds=time.monotonic() - self._started,
            disk_full=self._disk.full,
            memory=memory_of(self._meter, self._execution.limits, ending),
            libraries=self._libraries,
        )

    def _watch(self, tick: Tick) -> Ending | None:
        """The limit that was broken, or None when the command ended by itself."""
        limits, next_tick, next_look = self._execution.limits, 0.0, 0.0
        while True:
            if self._ends_within(POLL_SECONDS):
                return None
            self._disk.look()
            now = time.monotonic()
            if now - self._started > limits.seconds:
                return Ending.TIME
            if now >= next_look:
                next_look = now + MEMORY_SECONDS
                if self._meter.over(self._members):
                    return Ending.MEMORY
            if now >= next_tick:
                next_tick = now + TICK_SECONDS
                if self._disk.is_over():
                    return Ending.OUTPUT
                members = self._members()
                self._see_libraries(members)
                self._execution.watch(reading_of(self._meter, members, self._execution.gpu))
                tick()

    def _see_libraries(self, members: list[int]) -> None:
        if not self._libraries and self._looks < LIBRARY_LOOKS:
            self._libraries, self._looks = mapped(members), self._looks + 1

    def _ends_within(self, seconds: float) -> bool:
        """Whether it ends in so many seconds; its end is noticed at once, where the kernel tells of it."""
        try:
            descriptor = os.pidfd_open(self._process.pid)
        except (AttributeError, OSError):  # no Linux, or one before 5.3
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
            return not self.alive
        try:
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            poll.poll(1000 * seconds)
        finally:
            os.close(descriptor)
        return not self.alive

    def _members(self) -> list[int]:
        return self._family.members()

    def _destroy(self) -> None:
        """Kill all of it, and wait until the kernel is done: nothing may write into the folders any more."""
        members = self._processes(self._process.pid)
        limit = time.monotonic() + DESTROY_SECONDS
        while True:
            _kill_group(self._process.pid)
            self._process.wait()
            left = [pid for pid in {*members, *self._processes(self._process.pid)} if _alive(pid)]
            if not left or time.monotonic() > limit:
                break
            for pid in left:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(POLL_SECONDS)
        self._log.join(LOG_SECONDS)


def ending_of(status: int) -> Ending:
    """What an exit status says; launchers give 128 + the signal that ended the command."""
    if status == 0:
        return Ending.COMPLETED
    if status == 1:
        return Ending.REPORTED
    if status in (128 + signal.SIGXCPU, -signal.SIGXCPU):
        return Ending.TIME
    if status in (128 + signal.SIGXFSZ, -signal.SIGXFSZ):
        return Ending.OUTPUT
    return Ending.CRASHED


def memory_of(meter: Counted, limits: Limits, ending: Ending) -> Memory | None:
    """What the meter saw, and at least the limit where that ended the run; None for one that was never looked at."""
    peak = max(meter.peak, limits.memory_bytes if ending is Ending.MEMORY else 0)
    return Memory(peak_bytes=peak, limit_bytes=limits.memory_bytes, counted=meter.counted) if peak else None


def data_bytes(execution: Execution) -> int:
    """How much private memory one process may reserve, used or not; -1 for no bound.

    It is no limit on memory, which the meter sees to, but stops what is far beyond it where it is asked for, with an
    error that has a line number. A thread reserves a stack and the allocator a heap, of which next to nothing is used,
    and CUDA reserves address space without end.
    """
    limits = execution.limits
    return -1 if execution.gpu else limits.memory_bytes + limits.processes * THREAD_BYTES


def cpu_seconds(limits: Limits) -> int:
    """CPU seconds that one process may use: all cores for as long as the run may last."""
    return int(limits.seconds * (os.cpu_count() or 1)) + CPU_MARGIN_SECONDS


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _alive(pid: int) -> bool:
    """Whether the process is there and more than a zombie that its parent has not looked at yet."""
    with contextlib.suppress(OSError, IndexError):
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
        return state not in "ZX"
    return False
