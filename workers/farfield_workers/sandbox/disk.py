"""What a run holds on the disk, seen from outside, and whose fault it is when that is full.

A run holds what lies in its output folder, and what it has unlinked, or never gave a name, and keeps open. Where its
folder is a file system of its own (volume.py) the kernel counts all of it. Elsewhere the folder is walked; and when
the disk has lost more room than the run may take, its processes' open files are looked at; if some are in flight
between sockets, the room that comes back when they end was theirs.
"""

import contextlib
import errno
import os
import re
import shutil
import stat
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from farfield_workers.sandbox.base import MIB, Execution, Limits
from farfield_workers.trees import opened_folder

LEAST_FREE_BYTES = 16 * MIB
DEEPEST = 128  # folders in folders; deeper ones can neither be read nor reached by a path
# Less than this is no reason for a full disk, whoever holds it.
LEAST_HELD_BYTES = 64 * MIB
# File systems give the room of unlinked files back a little after the last process that held them is gone.
ENDING_SECONDS = 0.5
SCAN_SECONDS = 0.25
SETTLE_SECONDS, SETTLE_PAUSE_SECONDS = 1.0, 0.1

_IN_FLIGHT = re.compile(rb"^scm_fds:\s*[1-9]", re.MULTILINE)

Processes = Callable[[], Sequence[int]]


@dataclass(frozen=True, kw_only=True)
class Written:
    """Bytes on disk and number of entries below a folder."""

    bytes: int
    files: int


class RunDisk:
    """The disk of one execution, looked at while it runs. `full` says that somebody else left it without room."""

    def __init__(self, execution: Execution, processes: Processes, *, isolated: bool = True) -> None:
        self._output, self._limits = execution.output, execution.limits
        self._processes, self._isolated = processes, isolated
        self._own = os.path.ismount(execution.output)
        self._room = self._most = _free(self._output)
        self._lately = deque([(time.monotonic(), self._room)])
        self._hidden = self._most_hidden = 0
        self._next_scan = 0.0
        self._full = self._filled = self._in_flight = False

    def look(self) -> None:
        """Note how much room there is; to be called all the while that it runs."""
        now, free = time.monotonic(), _free(self._output)
        self._lately.append((now, free))
        while self._lately[0][0] < now - ENDING_SECONDS:
            self._lately.popleft()
        self._most = max(self._most, free)
        self._full |= free < LEAST_FREE_BYTES
        self._filled |= self._own and _is_filled(self._output, self._limits)
        if not self._own and self._is_suspect() and now >= self._next_scan:
            self._next_scan = now + SCAN_SECONDS
            processes = self._processes()
            self._hidden = unlinked_bytes(processes, self._output.stat().st_dev)
            self._most_hidden = max(self._most_hidden, self._hidden)
            self._in_flight |= has_files_in_flight(processes)

    def is_over(self) -> bool:
        """Whether the run holds more than it may, or has itself filled the disk; while it runs."""
        if self._own:
            return self._filled or _is_filled(self._output, self._limits) or _claims_more(self._output, self._limits)
        return self._is_too_much(written(self._output, self._limits.output_files), self._hidden)

    def was_over(self) -> bool:
        """The same once nothing of it is alive.

        Files that were in flight between its processes could not be seen, so the room that comes back with its end is
        theirs. Without such files it is somebody else's: another run ends at that moment, say, and its folder goes.
        """
        if self.is_over():
            return True
        if self._own or not self._isolated or not self._in_flight or not self._is_suspect():
            return False
        seen = written(self._output, self._limits.output_files)
        end = time.monotonic() + SETTLE_SECONDS
        while not self._is_too_much(seen, _free(self._output) - self._least):
            if time.monotonic() > end:
                return False
            time.sleep(SETTLE_PAUSE_SECONDS)
        return True

    @property
    def full(self) -> bool:
        """A disk of its own that is full says nothing of anybody else's."""
        return self._full and not self._own

    @property
    def _least(self) -> int:
        """The least room of late: a process that ends gives its files back one by one."""
        return min(free for _, free in self._lately)

    def _is_suspect(self) -> bool:
        """Whether the disk has lost so much that it is worth to know by whom."""
        return self._most - self._least > min(self._limits.output_bytes, self._room // 2)

    def _is_too_much(self, seen: Written, hidden: int) -> bool:
        """Over the limit; or the disk is full, and open files without a name were seen that took most of its room.

        What only came back does not make a run the one who filled the disk: others may have made room at that moment.
        """
        limits = self._limits
        over = seen.bytes + max(hidden, 0) > limits.output_bytes or seen.files > limits.output_files
        return over or (self._full and self._most_hidden >= max(self._room // 2, LEAST_HELD_BYTES))


class _TooDeep(Exception):
    """Folders in folders, more than anybody needs."""


def written(folder: Path, enough: int) -> Written:
    """What lies below a folder, without following links; counting ends at `enough` entries.

    Bytes are those on the disk or those the file claims, whichever is more: a sparse file is as long as it says.
    Folders that are too deep count as more than enough entries.
    """
    total = files = 0
    try:
        for entry in _entries(folder, None, 0):
            files += 1
            total += max(entry.st_size, entry.st_blocks * 512)
            if files > enough:
                break
    except _TooDeep:
        files = enough + 1
    return Written(bytes=total, files=files)


def unlinked_bytes(processes: Sequence[int], device: int) -> int:
    """What these processes hold on a device in files without a name, as far as they have them open or mapped."""
    found = {s.st_ino: s.st_blocks * 512 for pid in processes for s in _held(pid) if _is_unlinked(s, device)}
    return sum(found.values())


def has_files_in_flight(processes: Sequence[int]) -> bool:
    """Whether a socket of theirs holds descriptors that were sent and not received (Linux 5.10 and newer say so)."""
    return any(_IN_FLIGHT.search(text) for pid in processes for text in _described(pid))


def disk_is_full(folder: Path) -> bool:
    """Whether the folder's disk has no room for what any run writes."""
    return _free(folder) < LEAST_FREE_BYTES


def is_of_full_disk(error: BaseException, folder: Path) -> bool:
    """Whether the folder's disk had no room for what was written; numpy says so without the system's number."""
    if not isinstance(error, OSError):
        return False
    return error.errno in (errno.ENOSPC, errno.EDQUOT) or (error.errno is None and disk_is_full(folder))


def _is_filled(folder: Path, limits: Limits) -> bool:
    """Whether a file system that is the run's own holds more than the run may write, or can take no more."""
    seen = os.statvfs(folder)
    used, left = (seen.f_blocks - seen.f_bfree) * seen.f_frsize, seen.f_bfree * seen.f_frsize
    # What the file system itself takes is not the run's: some blocks at the beginning, one for each folder.
    return used > limits.output_bytes + MIB or left < MIB or seen.f_ffree == 0


def _claims_more(folder: Path, limits: Limits) -> bool:
    """Sparse files take no room, but whoever reads them would."""
    seen = written(folder, limits.output_files)
    return seen.bytes > limits.output_bytes or seen.files > limits.output_files


def _entries(folder: str | Path, parent: int | None, depth: int) -> Iterator[os.stat_result]:
    if depth > DEEPEST:
        raise _TooDeep
    with contextlib.suppress(OSError), opened_folder(folder, parent) as opened, os.scandir(opened) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                found = entry.stat(follow_symlinks=False)
                yield found
                if stat.S_ISDIR(found.st_mode):
                    yield from _entries(entry.name, opened, depth + 1)


def _held(pid: int) -> Iterator[os.stat_result]:
    for kind in ("fd", "map_files"):
        with contextlib.suppress(OSError), os.scandir(f"/proc/{pid}/{kind}") as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    yield entry.stat()


def _described(pid: int) -> Iterator[bytes]:
    """What the kernel tells of each descriptor of a process."""
    with contextlib.suppress(OSError), os.scandir(f"/proc/{pid}/fdinfo") as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                yield Path(entry.path).read_bytes()


def _is_unlinked(found: os.stat_result, device: int) -> bool:
    return found.st_nlink == 0 and found.st_dev == device and stat.S_ISREG(found.st_mode)


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free
