"""Images as methods are given them, decoded once: rows of pixels below the worker's cache, found by what made them.

    <home>/lock                   held for a moment by who begins to write: room is made for one at a time
          /<side>/<name>.pixels   uint8 rows [side, side, 3], then their keys and checksums; its time is the last use's
                 /<name>.part     the same while somebody writes it, who holds its lock

A segment is there as a whole or not at all, and never changes. Whoever decodes writes segments of its own, so that
writers do not wait for one another. A lock is the kernel's and goes with its holder, however that ended.
"""

import os
import secrets
import shutil
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from farfield_evaluators.locks import alone, taken, wait_for
from farfield_workers.pixel_index import RECORD, Index, Place, Records

PIXELS, DRAFT = ".pixels", ".part"
SEGMENT_BYTES, SEGMENT_ROWS = 64 << 20, 2048
MOST_ROWS = 2 << 20  # of one side: ImageNet's training images and half as many again
LOCK = "lock"
SEGMENTS = 8  # a small shelf has at least so many, so that little goes at once
LEAST_FREE = 0.05  # of the disk is left to others
Say = Callable[[str], None]
RESERVED = "the cache is full, and for images of a size that a package's settings chose nothing is removed"
NOT_KEPT = "note: images that were decoded are not kept for other runs: {why}\n"


class PixelShelf:
    """The rows of one side in pixels, below `home`, for one run; `put` keeps those that it decodes, until `close`.

    All sides together take at most `most_bytes`, and one at most MOST_ROWS: what is known of a row takes 44 bytes of
    memory, so a shelf at most 92 MB, and twice that while it learns of new ones. What was used longest ago goes first,
    and nothing that this run has used: where there is no other, what is new is not kept. With `evicts` false nothing
    goes at all. `say` is told once why. Safe in any number of threads.
    """

    def __init__(self, home: Path, side: int, most_bytes: int, say: Say, *, evicts: bool = True) -> None:
        self._home, self._folder = home, home / str(side)
        self._most, self._say, self._evicts = most_bytes, say, evicts
        self._row = 3 * side * side
        self._whole = self._row + RECORD.itemsize
        self._rows = _segment_rows(side, most_bytes)
        self._segment = _segment_bytes(side, most_bytes)
        self._keeps = most_bytes >= self._whole
        self._lock = threading.RLock()
        self._known = Index()
        self._used: set[Path] = set()
        self._draft: _Draft | None = None
        self._look()

    def get(self, key: bytes) -> bytes | None:
        """The row of this key, None where there is none that is whole. A damaged segment is removed."""
        with self._lock:
            place = (self._draft and self._draft.place(key)) or self._known.place(key)
        if place is None:
            return None
        try:
            row = _read(place.path, place.row * self._row, self._row)
        except OSError:  # it cannot be read just now, which says nothing of the file
            return None
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
        with alone(self._home / LOCK):
            has_room = self._has_room()
            draft = _Draft(self._folder / f"{secrets.token_hex(8)}{DRAFT}") if has_room else None
        self._look()
        return draft

    def _publish(self) -> None:
        draft, self._draft = self._draft, None
        if draft is not None and len(draft):
            path, records = draft.publish()
            self._used.add(path)
            self._known.add({path: records})
        elif draft is not None:
            draft.drop()

    def _give_up(self, why: str) -> None:
        if self._draft is not None:
            self._draft.drop()
        self._draft, self._keeps = None, False
        self._say(NOT_KEPT.format(why=why))

    def _look(self) -> None:
        """Learn of the segments that are there, those first that were used last; what is none goes."""
        paths = set(self._folder.glob(f"*{PIXELS}"))
        self._known.keep(paths)
        new, room = {}, MOST_ROWS - len(self._known)
        for path in sorted(paths - self._known.paths, key=_last_use, reverse=True):
            if room < self._rows:
                break
            try:
                records = _records(path, self._row)
            except OSError:  # as in `get`
                continue
            if records is None:
                _remove(path)
            else:
                new[path] = records
                room -= len(records)
        self._known.add(new)

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
        segments = list(_segments(self._home))
        left = self._most - sum(_drafted(self._home, self._most)) - sum(segment.size for segment in segments)
        rows = sum(segment.size for segment in segments if segment.path.parent == self._folder) // self._whole
        for segment in sorted(segments, key=lambda each: each.used) if self._evicts else ():
            own = segment.path.parent == self._folder
            is_short = left < self._segment or (own and rows + self._rows > MOST_ROWS)
            if is_short and segment.path not in self._used:
                _remove(segment.path)
                left += segment.size
                rows -= segment.size // self._whole if own else 0
        disk = shutil.disk_usage(self._home)
        if left < self._segment or rows + self._rows > MOST_ROWS:
            self._give_up("the cache is full of images that this run uses" if self._evicts else RESERVED)
        elif disk.free - self._segment < LEAST_FREE * disk.total:
            self._give_up("the disk is almost full")
        return self._keeps


class _Draft:
    """A segment that is written: its file is locked, by which others see that somebody is at work."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] = path.open("xb", buffering=0)
        wait_for(self._file.fileno())
        self._rows: dict[bytes, Place] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def place(self, key: bytes) -> Place | None:
        return self._rows.get(key)

    def add(self, key: bytes, row: bytes | memoryview) -> None:
        """Raises OSError where it cannot be written as a whole."""
        self._write(row)
        self._rows[key] = Place(path=self._path, row=len(self._rows), checksum=zlib.crc32(row))

    def publish(self) -> tuple[Path, Records]:
        """(where it lies now, what is in it). Raises OSError, and leaves nothing then."""
        path = self._path.with_suffix(PIXELS)
        records = np.array([(key, place.checksum) for key, place in self._rows.items()], RECORD)
        try:
            self._write(records.tobytes())
            self._path.rename(path)
        except OSError:
            self.drop()
            raise
        self._file.close()
        return path, records

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


def _drafted(home: Path, most: int) -> Iterator[int]:
    """Bytes that each segment will have that is written just now; drafts of those who are gone are removed."""
    for path in home.glob(f"*/*{DRAFT}"):
        with suppress(OSError, ValueError), path.open("rb") as draft:
            if taken(draft.fileno(), shared=True):
                path.unlink()
            else:
                yield _segment_bytes(int(path.parent.name), most)


def _segment_rows(side: int, most: int) -> int:
    """How many rows of this side a segment has on shelves of so many bytes."""
    return max(1, min(SEGMENT_ROWS, min(SEGMENT_BYTES, most // SEGMENTS) // (3 * side**2 + RECORD.itemsize)))


def _segment_bytes(side: int, most: int) -> int:
    return _segment_rows(side, most) * (3 * side**2 + RECORD.itemsize)


def _last_use(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _records(path: Path, row: int) -> Records | None:
    """The keys and checksums of a segment; None for a file that is none. Raises OSError where it cannot be read."""
    count, rest = divmod(path.stat().st_size, row + RECORD.itemsize)
    records = _read(path, count * row, count * RECORD.itemsize) if count and not rest else None
    return None if records is None else np.frombuffer(records, RECORD)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _read(path: Path, start: int, size: int) -> bytes | None:
    """So many bytes; None where there are not as many, or no file any more. Raises OSError where it cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        content = os.pread(descriptor, size, start)
    finally:
        os.close(descriptor)
    return content if len(content) == size else None
