"""What a running sandbox uses, seen from outside: its processes."""

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

SCAN_SECONDS = 1.0
# Modules whose import takes long, by a file that is mapped then.
LIBRARIES = {"torch": b"/libtorch_cpu.so"}
# Whoever looks also sees to the limits, and a run decides how many processes and mappings it has: so at few of them,
# and at no more of each than a process with torch has.
MAPPED_PROCESSES, MAPPED_BYTES = 8, 512 << 10


def tree(root: int) -> list[int]:
    """A process and all its descendants. Orphans of a PID namespace belong to its first process, so none is missed."""
    children: dict[int, list[int]] = {}
    for pid in _all():
        with contextlib.suppress(OSError, ValueError, IndexError):
            children.setdefault(_parent(pid), []).append(pid)
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, ())
    return found


class Family:
    """A process and all that belong to it, as they come and go, for one who asks many times a second.

    `complete` finds them all by reading the whole of /proc, whose cost grows with the host. It is asked once a second;
    between, the kernel's lists of the children of those that are known are enough. Such a list can lack a child while
    a sibling ends, so they are never all there is. A kernel without them is asked for everything each time.
    """

    def __init__(self, root: int, complete: Callable[[int], list[int]] = tree) -> None:
        self._root, self._complete = root, complete
        self._known: list[int] = []
        self._next_scan = 0.0

    def members(self) -> list[int]:
        """Process ids, the first process's before all others; some may have ended within the last second."""
        now = time.monotonic()
        if now >= self._next_scan or not _lists_children(self._root):
            self._next_scan = now + SCAN_SECONDS
            self._known = self._complete(self._root)
        else:
            self._known = _descendants(self._known)
        return list(self._known)


def mapped(pids: Sequence[int]) -> frozenset[str]:
    """Which of LIBRARIES one of the first of these processes has loaded, as far as a bounded look tells."""
    found = set[str]()
    for pid in pids[:MAPPED_PROCESSES]:
        with contextlib.suppress(OSError), Path(f"/proc/{pid}/maps").open("rb") as file:
            maps = file.read(MAPPED_BYTES)
            found.update(name for name, library in LIBRARIES.items() if library in maps)
    return frozenset(found)


def _lists_children(pid: int) -> bool:
    return Path(f"/proc/{pid}/task/{pid}/children").exists()


def _descendants(pids: list[int]) -> list[int]:
    """These and then all that they started, by the lists of each of their threads."""
    seen, waiting = dict.fromkeys(pids), list(pids)
    while waiting:
        new = dict.fromkeys(pid for pid in _children(waiting.pop()) if pid not in seen)
        seen |= new
        waiting += new
    return list(seen)


def _children(pid: int) -> list[int]:
    children: list[int] = []
    with contextlib.suppress(OSError), os.scandir(f"/proc/{pid}/task") as threads:
        for thread in threads:
            with contextlib.suppress(OSError):
                children += map(int, Path(thread.path, "children").read_text(encoding="ascii").split())
    return children


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])


def session(leader: int) -> list[int]:
    """The processes of a session, which still are its members when their parents have ended."""
    found = []
    for pid in _all():
        with contextlib.suppress(OSError):
            if os.getsid(pid) == leader:
                found.append(pid)
    return found


def _all() -> list[int]:
    with os.scandir("/proc") as entries:
        return [int(entry.name) for entry in entries if entry.name.isdigit()]
