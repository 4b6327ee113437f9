"""Images as methods are given them, decoded once: rows of pixels below the worker's cache, found by what made them.

    <home>/<side>/<name>.pixels   uint8 rows [side, side, 3], then their keys and checksums; its time is the last use's
                 /<name>.part     the same while somebody writes it, who holds its lock

A segment is there as a whole or not at all, and never changes. Whoever decodes writes segments of its own, so that
writers do not wait for one another. A lock is the kernel's and goes with its holder, however that ended.
"""

import fcntl
import os
import secrets
import shutil
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

PIXELS, DRAFT = ".pixels", ".part"
KEY_BYTES = 32
RECORD = np.dtype([("key", f"S{KEY_BYTES}"), ("checksum", "<u4")])
SEGMENT_BYTES, SEGMENT_ROWS = 64 << 20, 2048
SEGMENTS = 8  # a small shelf has at least so many, so that little goes at once
LEAST_FREE = 0.05  # of the disk is left to others
PLACED = np.dtype([("checksum", "<u4"), ("segment", "<i4"), ("row", "<i4")])
Records = npt.NDArray[np.void]
Say = Callable[[str], None]
NOT_KEPT = "note: images that were decoded are not kept for other runs: {why}\n"


class PixelShelf:
    """The rows of one side in pixels, below `home`, for one run; `put` keeps those that it decodes, until `close`.

    All sides together take at most `most_bytes`. What was used longest ago goes first, and nothing that this run has
    used: where there is no other, what is new is not kept. `say` is told once why. Safe in any number of threads.
    """

    def __init__(self, home: Path, side: int, most_bytes: int, say: Say) -> None:
        self._home, self._folder, self._side = home, home / str(side), side
        self._most, self._say = most_bytes, say
        self._row = 3 * side * side
        whole = self._row + RECORD.itemsize
        self._rows = max(1, min(SEGMENT_ROWS, min(SEGMENT_BYTES, most_bytes // SEGMENTS) // whole))
        self._segment = self._rows * whole
        self._keeps = most_bytes >= whole
        self._lock = threading.RLock()
        self._known = _Known()
        self._used: set[Path] = set()
        self._draft: _Draft | None = None
        self._look()

    def get(self, key: bytes) -> bytes | None:
        """The row of this key, None where there is none that is whole. A damaged segment is removed."""
        with self._lock:
            place = (self._draft and self._draft.place(key)) or self._known.place(key)
        if place is None:
            return None
        row = _read(place.path, place.row * self._row, self._row)
        if row is not None and zlib.crc32(row) == place.checksum:
            self._use(place.path)
            return row
        if place.path.suffix == PIXELS:
            self._forget(place.path)
        return None

    def put(self, key: bytes, row: bytes | memoryview) -> None:
        """Keep a row, where there is room. What goes wrong is said, and costs the run nothing."""
        with self._lock:
            if not self._keeps:
                return
            try:
                self._draft = self._begun() if self._draft is None else self._draft
                if self._draft is not None and not self._draft.place(key):
                    self._draft.add(key, row)
                    if len(self._draft) >= self._rows:
                        self._publish()
            except FileNotFoundError:  # somebody makes room by hand
                self._draft = None
            except OSError as error:
                self._give_up(error.strerror or str(error))

    def close(self) -> None:
        """What was put is there for other runs."""
        with self._lock:
            try:
                self._publish()
            except FileNotFoundError:  # as above
                self._draft = None
            except OSError as error:
                self._give_up(error.strerror or str(error))
            self._keeps = False

    def _begun(self) -> "_Draft | None":
        """A new segment, once there is room for it and it is known what others have written since."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._look()
        if not self._has_room():
            return None
        return _Draft(self._folder / f"{secrets.token_hex(8)}{DRAFT}")

    def _publish(self) -> None:
        draft, self._draft = self._draft, None
        if draft is not None and len(draft):
            self._used.add(draft.publish())
            self._look()
        elif draft is not None:
            draft.drop()

    def _give_up(self, why: str) -> None:
        if self._draft is not None:
            self._draft.drop()
        self._draft, self._keeps = None, False
        self._say(NOT_KEPT.format(why=why))

    def _look(self) -> None:
        """Learn of the segments that are there; one that is damaged as a whole goes."""
        paths = set(self._folder.glob(f"*{PIXELS}"))
        new = {path: _records(path, self._row) for path in paths - self._known.paths}
        for path, records in new.items():
            if records is None:
                _remove(path)
        self._known.add({path: records for path, records in new.items() if records is not None})
        self._known.keep(paths)

    def _use(self, path: Path) -> None:
        if path.suffix == PIXELS and path not in self._used:
            self._used.add(path)
            with suppress(OSError):
                os.utime(path)

    def _forget(self, path: Path) -> None:
        with self._lock:
            _remove(path)
            self._known.keep(self._known.paths - {path})

    def _has_room(self) -> bool:
        """Whether one more segment fits, after what was used longest ago went for it."""
        segments, drafts = list(_segments(self._home)), sum(_drafted(self._home))
        left = self._most - drafts - sum(segment.size for segment in segments)
        for segment in sorted(segments, key=lambda each: each.used):
            if left >= self._segment:
                break
            if segment.path not in self._used:
                _remove(segment.path)
                left += segment.size
        disk = shutil.disk_usage(self._home)
        if left < self._segment:
            self._give_up("the cache is full of images that this run uses")
        elif disk.free - self._segment < LEAST_FREE * disk.total:
            self._give_up("the disk is almost full")
        return self._keeps


@dataclass(frozen=True, kw_only=True)
class _Place:
    path: Path
    row: int
    checksum: int


class _Known:
    """The keys of all segments, sorted, and where their rows lie.

    Keys are an array of their own: to search a field of another one numpy would copy it each time.
    """

    def __init__(self) -> None:
        self._segments: dict[int, Path] = {}
        self._keys: npt.NDArray[np.bytes_] = np.empty(0, RECORD["key"])
        self._rows: npt.NDArray[np.void] = np.empty(0, PLACED)

    @property
    def paths(self) -> set[Path]:
        return set(self._segments.values())

    def add(self, segments: Mapping[Path, Records]) -> None:
        """All at once, for then all are sorted anew."""
        if not segments:
            return
        parts, first = [self._rows], max(self._segments, default=-1) + 1
        for number, (path, records) in enumerate(segments.items(), first):
            self._segments[number] = path
            part = np.empty(len(records), PLACED)
            part["checksum"], part["segment"], part["row"] = records["checksum"], number, np.arange(len(records))
            parts.append(part)
        keys = np.concatenate([self._keys, *(records["key"] for records in segments.values())])
        order = np.argsort(keys, kind="stable")
        self._keys, self._rows = keys[order], np.concatenate(parts)[order]

    def keep(self, paths: set[Path]) -> None:
        """Only those."""
        left = {number: path for number, path in self._segments.items() if path in paths}
        if len(left) < len(self._segments):
            stay = np.isin(self._rows["segment"], list(left))
            self._segments, self._keys, self._rows = left, self._keys[stay], self._rows[stay]

    def place(self, key: bytes) -> _Place | None:
        wanted = key.rstrip(b"\0")  # which numpy leaves off as well
        at = int(np.searchsorted(self._keys, np.bytes_(wanted)))
        if at == len(self._keys) or self._keys[at] != wanted:
            return None
        row = self._rows[at]
        return _Place(path=self._segments[int(row["segment"])], row=int(row["row"]), checksum=int(row["checksum"]))


class _Draft:
    """A segment that is written: its file is locked, by which others see that somebody is at work."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] = path.open("xb", buffering=0)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._rows: dict[bytes, _Place] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def place(self, key: bytes) -> _Place | None:
        return self._rows.get(key)

    def add(self, key: bytes, row: bytes | memoryview) -> None:
        """Raises OSError where it cannot be written as a whole."""
        self._write(row)
        self._rows[key] = _Place(path=self._path, row=len(self._rows), checksum=zlib.crc32(row))

    def publish(self) -> Path:
        """Where it lies now. Raises OSError, and leaves nothing then."""
        path = self._path.with_suffix(PIXELS)
        records = np.array([(key, place.checksum) for key, place in self._rows.items()], RECORD)
        try:
            self._write(records.tobytes())
            self._path.rename(path)
        except OSError:
            self.drop()
            raise
        self._file.close()
        return path

    def _write(self, data: bytes | memoryview) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]

    def drop(self) -> None:
        self._path.unlink(missing_ok=True)
        self._file.close()


@dataclass(frozen=True, kw_only=True)
class _Segment:
    path: Path
    used: float
    size: int


def _segments(home: Path) -> Iterator[_Segment]:
    """Those of all sides."""
    for path in home.glob(f"*/*{PIXELS}"):
        with suppress(OSError):
            status = path.stat()
            yield _Segment(path=path, used=status.st_mtime, size=status.st_size)


def _drafted(home: Path) -> Iterator[int]:
    """Bytes of what is written just now; drafts of those who are gone are removed."""
    for path in home.glob(f"*/*{DRAFT}"):
        with suppress(OSError), path.open("rb") as draft:
            try:
                fcntl.flock(draft, fcntl.LOCK_SH | fcntl.LOCK_NB)
                path.unlink()
            except BlockingIOError:
                yield path.stat().st_size


def _records(path: Path, row: int) -> Records | None:
    """The keys and checksums of a segment; None for a file that is none."""
    try:
        count, rest = divmod(path.stat().st_size, row + RECORD.itemsize)
    except OSError:
        return None
    records = _read(path, count * row, count * RECORD.itemsize) if count and not rest else None
    return None if records is None else np.frombuffer(records, RECORD)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _read(path: Path, start: int, size: int) -> bytes | None:
    """So many bytes; None where there are not as many, or the file was removed meanwhile."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        content = os.pread(descriptor, size, start)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return content if len(content) == size else None
