"""Memory that is in no process's resident pages: what lies in a private /tmp and /dev/shm, in mappings that nobody has
touched of late, in files without a name, and in the buffers of sockets.

What cannot be seen at all from outside, such as System V segments, the system call filter refuses instead.
"""

import contextlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from farfield_workers.sandbox.memory.files import number, text

PROC = Path("/proc")
# The kernel's own record of a file on a tmpfs, and of its name.
INODE_BYTES = 1024
BUFFER_LIMIT = Path("/proc/sys/net/core/wmem_max")
BUFFERS_EACH = 2  # the kernel doubles what a socket asks for
# Which protocol has its queues in which table, and where the kernel says how many of its sockets have a place there.
QUEUES = (
    ("TCP:", "net/sockstat", "net/tcp"),
    ("TCP6:", "net/sockstat6", "net/tcp6"),
    ("UDP:", "net/sockstat", "net/udp"),
    ("UDP6:", "net/sockstat6", "net/udp6"),
)
SHARED_NOTHING, NAMELESS = "/dev/zero (deleted)", "/memfd:"
BLOCK_BYTES = 512


@dataclass(frozen=True, kw_only=True)
class World:
    """The file systems in memory that a sandbox has for itself: places inside, and sizes, by which they are known."""

    places: tuple[tuple[str, int], ...]


def hidden_bytes(pids: Sequence[int], world: World, proc: Path = PROC) -> int:
    """All of it, of these processes."""
    return (
        _file_systems(pids, world, proc)
        + _shared_mappings(pids, proc)
        + _descriptors(pids, proc)
        + queued_bytes(pids, proc)
    )


def _file_systems(pids: Sequence[int], world: World, proc: Path) -> int:
    """Of the first process that sees them; all see the same."""
    return sum(max((_used(proc / str(pid) / "root", *place) for pid in pids), default=0) for place in world.places)


def _used(root: Path, place: str, size: int) -> int:
    """Bytes of files and of the records of files; 0 where something else is mounted, as before the start."""
    with contextlib.suppress(OSError):
        found = os.statvfs(f"{root}{place}")
        if abs(found.f_blocks * found.f_frsize - size) < os.sysconf("SC_PAGE_SIZE"):
            blocks = (found.f_blocks - found.f_bfree) * found.f_frsize
            return blocks + (found.f_files - found.f_ffree) * INODE_BYTES
    return 0


def _shared_mappings(pids: Sequence[int], proc: Path) -> int:
    """Anonymous memory that is mapped as shared, each mapping at its full length: pages stay when they are unmapped."""
    lengths: dict[str, int] = {}
    for pid in pids:
        for line in text(proc / str(pid) / "maps").splitlines():
            if line.endswith(SHARED_NOTHING):
                span, _, _, _, inode, *_ = line.split(maxsplit=5)
                start, _, end = span.partition("-")
                lengths[inode] = max(lengths.get(inode, 0), int(end, 16) - int(start, 16))
    return sum(lengths.values())


def _descriptors(pids: Sequence[int], proc: Path) -> int:
    """Files without a name by what they hold, sockets by what their buffers may."""
    held: dict[str, int] = {}
    buffers = number(BUFFER_LIMIT) * BUFFERS_EACH
    for path, target in _links(pids, proc):
        if target.startswith("socket:"):
            held[target] = buffers
        elif target.startswith(NAMELESS):
            with contextlib.suppress(OSError):
                found = path.stat()
                held[f"{found.st_dev}:{found.st_ino}"] = found.st_blocks * BLOCK_BYTES
    return sum(held.values())


def _links(pids: Sequence[int], proc: Path) -> Iterable[tuple[Path, str]]:
    for pid in pids:
        with contextlib.suppress(OSError), os.scandir(proc / str(pid) / "fd") as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    yield Path(entry.path), str(Path(entry.path).readlink())


def queued_bytes(pids: Sequence[int], proc: Path = PROC) -> int:
    """What lies in the queues of internet sockets of a network of the processes' own, where everybody sees the same.

    A table is read only where it has a line, for to find that it has none costs the kernel milliseconds: it looks
    through the places of all networks' sockets.
    """
    own = _network(proc / "self")
    inside = next((proc / str(pid) for pid in pids if _network(proc / str(pid)) not in ("", own)), None)
    if inside is None:
        return 0
    return sum(_queued(inside / table) for name, counts, table in QUEUES if _in_use(name, text(inside / counts)))


def _network(process: Path) -> str:
    with contextlib.suppress(OSError):
        return str((process / "ns" / "net").readlink())
    return ""


def _in_use(protocol: str, counts: str) -> bool:
    """Whether it may have a socket, by a line such as `TCP: inuse 2 orphan 0`; true where there is no such line."""
    line = next((words for words in map(str.split, counts.splitlines()) if words[:1] == [protocol]), [])
    return line[1:3] != ["inuse", "0"]


def _queued(table: Path) -> int:
    """The fifth column, `sent:received` in hexadecimal, of each line but the first."""
    columns = (line.split() for line in text(table).splitlines()[1:])
    queues = (column[4].split(":") for column in columns if len(column) > 4)
    return sum(int(part, 16) for pair in queues for part in pair)
