"""The plain subprocess backend, for methods that the operator installed.

It keeps the boundary (own process, own session, staged folder, allow-listed environment, limits on memory, time and
output) but is no defence against hostile code: it shares the file system and the network of the worker.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from farfield_workers.sandbox.base import Ending, Execution, Finished, Limits, Tick

LAUNCHER = Path(__file__).with_name("launch.py")
POLL_SECONDS = 0.05
TICK_SECONDS = 0.5
DESTROY_SECONDS = 10.0
PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
PLUGIN_PATH = "FARFIELD_PLUGIN_PATH"
# Large tensors come and go with every batch. By default glibc gives each back to the kernel and gets it anew, page by
# page, which takes as long as the arithmetic; and waiting OpenMP threads would burn the cores that other runs need.
QUICK_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(4 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(4 << 30),
    "MALLOC_TOP_PAD_": str(64 << 20),
    "OMP_WAIT_POLICY": "PASSIVE",
}


class ProcessSandbox:
    """Runs the runner as a child process of the worker, in a session of its own."""

    name = "process"

    def __init__(self, python: str = sys.executable) -> None:
        self._python = python

    def run(self, execution: Execution, tick: Tick) -> Finished:
        started = time.monotonic()
        with (execution.output / "log.txt").open("wb") as log:
            process = subprocess.Popen(
                self._command(execution),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=execution.output,
                env=_environment(execution),
                start_new_session=True,
                close_fds=True,
            )
        try:
            early = _watch(process, execution, started, tick)
        finally:
            _destroy(process)
        return Finished(
            ending=early or _ending(process.returncode),
            status=process.returncode,
            seconds=time.monotonic() - started,
        )

    def _command(self, execution: Execution) -> list[str]:
        limits = execution.limits
        seconds = int(limits.seconds * (os.cpu_count() or 1)) + 60
        bounds = [os.getpid(), limits.memory_bytes, limits.output_bytes, seconds]
        source = "describe" if execution.source is None else str(execution.source)
        runner = [self._python, "-m", "farfield.runner", source, str(execution.output)]
        return [self._python, "-I", str(LAUNCHER), *map(str, bounds), *runner]


def _environment(execution: Execution) -> dict[str, str]:
    """Nothing but an allow-list: no credential of the worker reaches the method."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    if PLUGIN_PATH in os.environ:
        passed["PYTHONPATH"] = os.environ[PLUGIN_PATH]
    work = str(execution.output)
    return passed | {
        **QUICK_MEMORY,
        "HOME": work,
        "TMPDIR": work,
        "XDG_CACHE_HOME": work,
        "HF_HUB_OFFLINE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONSAFEPATH": "1",
        "CUDA_VISIBLE_DEVICES": execution.gpu or "",
    }


def _watch(process: "subprocess.Popen[bytes]", execution: Execution, started: float, tick: Tick) -> Ending | None:
    """Wait for the end; returns the limit that was broken, or None when the process ended by itself."""
    next_tick = 0.0
    while True:
        try:
            process.wait(POLL_SECONDS)
            return None
        except subprocess.TimeoutExpired:
            pass
        now = time.monotonic()
        if now - started > execution.limits.seconds:
            return Ending.TIME
        if now >= next_tick:
            next_tick = now + TICK_SECONDS
            broken = _broken_limit(process.pid, execution.output, execution.limits)
            if broken:
                return broken
            tick()


def _broken_limit(session: int, output: Path, limits: Limits) -> Ending | None:
    if _resident_bytes(session) > limits.memory_bytes:
        return Ending.MEMORY
    total = sum(path.stat().st_size for path in _files(output))
    log = output / "log.txt"
    too_much = total > limits.output_bytes or (log.exists() and log.stat().st_size > limits.log_bytes)
    return Ending.OUTPUT if too_much else None


def _files(folder: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return []


def _resident_bytes(session: int) -> int:
    """Resident memory of every process of the session; 0 where there is no /proc."""
    return sum(int(fields[21]) for fields in _alive(session)) * _page_size()


def _alive(session: int) -> Iterator[list[str]]:
    """The fields of /proc/PID/stat, from the state on, of each process of the session that is not a zombie."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] not in "ZX":
                yield fields


def _page_size() -> int:
    """Bytes of a memory page."""
    return os.sysconf("SC_PAGE_SIZE")


def _destroy(process: "subprocess.Popen[bytes]") -> None:
    """Kill the whole process group, reap the child, and wait until the kernel is done with the others."""
    limit = time.monotonic() + DESTROY_SECONDS
    while True:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if not any(_alive(process.pid)) or time.monotonic() > limit:
            return
        time.sleep(POLL_SECONDS)


def _ending(status: int) -> Ending:
    if status == 0:
        return Ending.COMPLETED
    if status == 1:
        return Ending.REPORTED
    if status == 128 + signal.SIGXCPU:
        return Ending.TIME
    if status == 128 + signal.SIGXFSZ:
        return Ending.OUTPUT
    return Ending.CRASHED
