"""Control groups, version 2: one group bounds memory, swap and processes, and ends all of a run at once."""

import contextlib
import errno
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from farfield_workers.sandbox.memory.files import number, numbers, put, table, text
from farfield_workers.sandbox.memory.group import OWN_PROCESSES, Use, empty_and_remove
from farfield_workers.sandbox.memory.hierarchies import Hierarchy

NAME = "control group (v2)"
# A group that holds processes cannot hand controllers on, so the worker's own move into this one below it.
WORKER_LEAF = "farfield-worker"
DELEGATED = ("trusted.delegate", "user.delegate")


class Version2Group:
    """A run's group, a folder below a parent that hands on `memory`."""

    counted = NAME
    counts_sockets = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.entrances: tuple[Path, ...] = (self._folder / "cgroup.procs",)

    def limit(self, memory_bytes: int, processes: int) -> None:
        put(self._folder / "memory.max", str(memory_bytes))
        with contextlib.suppress(OSError):  # a kernel without swap has no file for it
            put(self._folder / "memory.swap.max", "0")
        with contextlib.suppress(OSError):  # since Linux 4.19; before it one process is ended, and the worker the rest
            put(self._folder / "memory.oom.group", "1")
        with contextlib.suppress(OSError):  # the parent may not hand on `pids`
            put(self._folder / "pids.max", str(processes + OWN_PROCESSES))

    def use(self) -> Use:
        total, parts = number(self._folder / "memory.current"), table(self._folder / "memory.stat")
        cached = ("inactive_file", "active_file", "slab_reclaimable")
        return Use(total=total, files=sum(parts.get(name, 0) for name in cached))

    def highest(self) -> int:
        return number(self._folder / "memory.peak")  # since Linux 5.19

    def kills(self) -> int:
        return table(self._folder / "memory.events").get("oom_kill", 0)

    def remove(self) -> None:
        with contextlib.suppress(OSError):  # since Linux 5.14; members are killed one by one as well
            put(self._folder / "cgroup.kill", "1")
        empty_and_remove((self._folder,))


def make(parent: Path, name: str) -> Version2Group:
    """A new group. Raises OSError."""
    folder = parent / name
    folder.mkdir()
    return Version2Group(folder)


def parent_in(hierarchy: Hierarchy, wanted: str = "") -> Path | None:
    """The nearest group that we may make groups in and that hands on `memory`; None where there is none.

    It is the worker's own or one above it: an ordinary user has what was delegated, root all of them. `wanted` names
    another, below the root.
    """
    candidates = [hierarchy.place(wanted)] if wanted else list(_upwards(hierarchy))
    for folder in candidates:
        if not _ours(folder):
            return None
        if _hands_on_memory(folder, movable=folder == hierarchy.own):
            return folder
    return None


def _upwards(hierarchy: Hierarchy) -> Iterator[Path]:
    folder = hierarchy.own
    while True:
        yield folder
        if folder in {hierarchy.mount, folder.parent}:
            return
        folder = folder.parent


def _ours(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK) and os.access(folder / "cgroup.procs", os.W_OK)


def _hands_on_memory(folder: Path, *, movable: bool) -> bool:
    if "memory" in text(folder / "cgroup.subtree_control").split():
        return True
    offered = text(folder / "cgroup.controllers").split()
    if "memory" not in offered:
        return False
    controllers = [name for name in ("memory", "pids") if name in offered]
    return _hand_on(folder, controllers) or (movable and _is_delegated(folder) and _make_room(folder, controllers))


def _hand_on(folder: Path, controllers: Sequence[str]) -> bool:
    try:
        put(folder / "cgroup.subtree_control", " ".join(f"+{name}" for name in controllers))
    except OSError:  # EBUSY: it holds processes
        return False
    return True


def _make_room(folder: Path, controllers: Sequence[str]) -> bool:
    """Move the processes of a group that was delegated to us into one below it, as systemd asks of services."""
    leaf = folder / WORKER_LEAF
    try:
        leaf.mkdir(exist_ok=True)
        for pid in numbers(folder / "cgroup.procs"):
            _move(pid, leaf)
    except OSError:
        return False
    return _hand_on(folder, controllers)


def _move(pid: int, leaf: Path) -> None:
    try:
        put(leaf / "cgroup.procs", str(pid))
    except OSError as error:
        if error.errno != errno.ESRCH:  # it has ended meanwhile
            raise


def _is_delegated(folder: Path) -> bool:
    """Whether systemd handed this group over: it says so in an attribute."""
    for name in DELEGATED:
        with contextlib.suppress(OSError):
            if os.getxattr(folder, name) == b"1":
                return True
    return False
