"""What a running sandbox uses, seen from outside: its processes, and files it wrote."""

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

LEAST_FREE_BYTES = 16 << 20


@dataclass(frozen=True, kw_only=True)
class Written:
    """Bytes on disk and number of entries below a folder."""

    bytes: int
    files: int


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


def written(folder: Path, enough: int) -> Written:
    """What lies below a folder, without following links; counting ends at `enough` entries.

    Bytes are those on the disk or those the file claims, whichever is more: a sparse file is as long as it says.
    """
    total = files = 0
    waiting = [str(folder)]
    while waiting and files <= enough:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                files += 1
                with contextlib.suppress(OSError):
                    stat = entry.stat(follow_symlinks=False)
                    total += max(stat.st_size, stat.st_blocks * 512)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
    return Written(bytes=total, files=files)


def disk_is_full(folder: Path) -> bool:
    """Whether the folder's disk has no room for what any run writes."""
    return shutil.disk_usage(folder).free < LEAST_FREE_BYTES


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
