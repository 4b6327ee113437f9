"""What a running sandbox uses, seen from outside: its processes."""

import contextlib
import os
from pathlib import Path


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
