"""The bubblewrap backend: Linux namespaces without a container engine, for one machine and for tests.

Inside there is no network, no other process, and no file but the runtime's and the execution's own. When the worker is
root, the command runs as a user number of its own that nothing else uses; otherwise in a user namespace, where every
process is one user, the first one too: that one is ours, with the limits of all, and closed to the others.
"""

import contextlib
import os
import shutil
import subprocess
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path, PurePosixPath

from farfield_workers.failures import MESSAGE_LENGTH, RunFailure
from farfield_workers.sandbox import seccomp
from farfield_workers.sandbox.base import (
    OUT,
    Ending,
    Execution,
    Finished,
    Limits,
    Tick,
    Waiting,
    waiting_runner,
)
from farfield_workers.sandbox.children import Child, cpu_seconds, data_bytes
from farfield_workers.sandbox.gpu import gpu_devices
from farfield_workers.sandbox.memory.choice import open_meter
from farfield_workers.sandbox.memory.hidden import World
from farfield_workers.sandbox.runtime import LAUNCHER, LAUNCHER_INSIDE, Runtime, command, environment, folders
from farfield_workers.sandbox.volume import attach

CONFINE = Path(__file__).with_name("confine.py")
CONFINE_INSIDE = "/farfield/confine.py"
# Numbers that no distribution gives to a person or a service (systemd's range for dynamic users).
FIRST_USER, USERS = 61184, 4336
NOBODY = 65534
PROBE_SECONDS = 10
STATUS_BYTES = 4096


class BubblewrapSandbox:
    """Runs each command in fresh namespaces."""

    name = "bubblewrap"
    isolates = True
    runs_images = False

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def run(self, execution: Execution, tick: Tick) -> Finished:
        return self._start(execution).finish(tick)

    def ahead(self, execution: Execution, modules: Sequence[str] = ()) -> Waiting:
        reading, writing = os.pipe()
        try:
            return _Waiting(self._start(waiting_runner(execution, modules), reading), writing)
        except BaseException:
            os.close(writing)
            raise
        finally:
            os.close(reading)

    def _start(self, execution: Execution, word: int | None = None) -> "_Started":
        """`word` is the standard input of a command that waits: no package is on its import path until it is told."""
        shown = execution if word is None else replace(execution, plugin=None)
        user = _user_of(execution) if os.getuid() == 0 else None
        if execution.own_disk:
            attach(execution.output, execution.limits)
        if user is not None:
            os.chown(execution.output, user, user)
        meter = open_meter(execution.limits.memory_bytes, execution.limits.processes, _world(execution.limits))
        with contextlib.ExitStack() as held:
            filter_fd = held.enter_context(_filter(uncounted=not meter.entrances))
            status = held.enter_context(_Status())
            wrap = self._wrap(execution, user, filter_fd)
            child = Child(
                [*wrap, "--json-status-fd", str(status.descriptor), "--", *self._confined(execution, user)],
                execution,
                environment=environment(shown, self._runtime.path),
                folder=Path("/"),
                meter=meter,
                pass_fds=(status.descriptor, *(() if filter_fd is None else (filter_fd,))),
                word=subprocess.DEVNULL if word is None else word,
            )
            return _Started(child, status, execution.log, held.pop_all())

    def _wrap(self, execution: Execution, user: int | None, filter_fd: int | None) -> list[str]:
        limits = execution.limits
        options = [_program(), "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
        options += ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "farfield"]
        options += [] if execution.network else ["--unshare-net"]
        options += _identity(user)
        own = {CONFINE_INSIDE: CONFINE, LAUNCHER_INSIDE: LAUNCHER}
        options += _tree({**self._runtime.binds, **own, **folders(execution)}, execution.output)
        options += [part for place, to in self._runtime.links.items() for part in ("--symlink", to, place)]
        options += [part for place in self._runtime.hidden for part in ("--tmpfs", place, "--remount-ro", place)]
        options += ["--proc", "/proc", "--dev", "/dev", *gpu_options(execution.gpu)]
        options += ["--perms", "1777", "--size", str(limits.shared_bytes), "--tmpfs", "/dev/shm"]  # noqa: S108
        options += ["--perms", "1777", "--size", str(limits.tmp_bytes), "--tmpfs", "/tmp"]  # noqa: S108
        options += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", OUT]
        return [*options, *(["--seccomp", str(filter_fd)] if filter_fd is not None else [])]

    def _confined(self, execution: Execution, user: int | None) -> list[str]:
        limits, python = execution.limits, self._runtime.python
        bounds = [-1 if user is None else user, data_bytes(execution), limits.output_bytes, cpu_seconds(limits)]
        bounds += [limits.open_files, limits.processes]
        first = [python, "-I", "-S", LAUNCHER_INSIDE, "0"] if user is None else []
        return [python, "-I", "-S", CONFINE_INSIDE, *map(str, bounds), *first, *command(execution, python)]


class _Started:
    """A command in its namespaces, and what is held until it has ended."""

    def __init__(self, child: Child, status: "_Status", log: Path, held: contextlib.ExitStack) -> None:
        self.child = child
        self._status, self._log, self._held = status, log, held

    def finish(self, tick: Tick) -> Finished:
        with self._held:
            finished = self.child.finish(tick)
            if finished.ending in (Ending.REPORTED, Ending.CRASHED) and not self._status.started():
                said = f"bubblewrap failed: {_end_of(self._log)}"
                raise RunFailure("platform.sandbox", said, infrastructure=True)
            return finished

    def abandon(self) -> None:
        with self._held:
            self.child.abandon()


class _Waiting:
    """A runner that waits for a byte on its standard input."""

    def __init__(self, started: _Started, word: int) -> None:
        self._started, self._word = started, word

    def finish(self, execution: Execution, tick: Tick) -> Finished | None:
        try:
            self._started.child.begin(execution)
            os.write(self._word, b"x")
        except BrokenPipeError:
            self.abandon()
            return None
        except BaseException:
            self.abandon()
            raise
        os.close(self._word)
        return replace(self._started.finish(tick), waited=True)

    def abandon(self) -> None:
        try:
            os.close(self._word)
        finally:
            self._started.abandon()


def unusable() -> str:
    """Why bubblewrap cannot isolate here, in a sentence; empty when it can."""
    program = shutil.which("bwrap")
    if program is None:
        return "bubblewrap is not installed (on Debian and Ubuntu: apt install bubblewrap)"
    probe = [program, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--proc", "/proc", "--", "/bin/true"]
    try:
        done = subprocess.run(probe, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not run here: {error}"
    if done.returncode != 0:
        return f"bubblewrap cannot make namespaces here ({done.stderr.strip()}); see the operator guide"
    return ""


def gpu_options(gpu: str | None) -> list[str]:
    """The device files of one GPU."""
    return [part for path in gpu_devices(gpu) for part in ("--dev-bind", path, path)]


def _identity(user: int | None) -> list[str]:
    if user is not None:
        return ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"]
    return ["--unshare-user", "--disable-userns", "--uid", str(NOBODY), "--gid", str(NOBODY), "--as-pid-1"]


def _user_of(execution: Execution) -> int:
    """A number for this execution alone, as far as chance goes: its folder has a random name."""
    return FIRST_USER + zlib.crc32(str(execution.output).encode()) % USERS


def _tree(read_only: dict[str, Path], output: Path) -> list[str]:
    """Binds, parents first, each below folders that every user may pass."""
    options: list[str] = []
    made: set[PurePosixPath] = {PurePosixPath("/")}
    for place in sorted([*read_only, OUT]):
        for parent in reversed(PurePosixPath(place).parents):
            if parent not in made and not any(_within(parent, PurePosixPath(other)) for other in read_only):
                options += ["--perms", "0755", "--dir", str(parent)]
                made.add(parent)
        options += ["--bind", str(output), OUT] if place == OUT else ["--ro-bind", str(read_only[place]), place]
    return options


def _within(folder: PurePosixPath, other: PurePosixPath) -> bool:
    return folder == other or other in folder.parents


class _Status:
    """A pipe on which bubblewrap says how the command ended. When it says nothing, the fault is not the method's."""

    def __init__(self) -> None:
        self._reading, self.descriptor = os.pipe()

    def __enter__(self) -> "_Status":
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in (self._reading, self.descriptor):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def started(self) -> bool:
        """Whether the command ran; asked after its end."""
        os.set_blocking(self._reading, False)
        with contextlib.suppress(BlockingIOError):
            return b"exit-code" in os.read(self._reading, STATUS_BYTES)
        return False


def _end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-MESSAGE_LENGTH:].strip()


def _world(limits: Limits) -> World:
    return World(places=(("/dev/shm", limits.shared_bytes), ("/tmp", limits.tmp_bytes)))  # noqa: S108


@contextlib.contextmanager
def _filter(*, uncounted: bool) -> Iterator[int | None]:
    """A descriptor of the compiled seccomp filter, which bubblewrap reads.

    `uncounted` says that no control group counts memory, so that what cannot be seen from outside is refused.
    """
    compiled = seccomp.program(uncounted=uncounted)
    if compiled is None:
        yield None
        return
    descriptor = os.memfd_create("seccomp")
    try:
        os.write(descriptor, compiled)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


@cache
def _program() -> str:
    return shutil.which("bwrap") or "bwrap"
