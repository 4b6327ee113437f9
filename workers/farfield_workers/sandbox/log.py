"""Standard output and standard error of a sandboxed command, kept within bounds while it runs.

The command writes into a pipe, so that it can neither change what it has written nor fill a disk. Of a flood the first
part and the last lines are kept, and reading slows down, which slows the writer.
"""

import os
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO

CHUNK_BYTES = 64 << 10
TAIL_BYTES = 256 << 10
NOTE_BYTES = 80  # the line that says how much was left out
FLOOD_PAUSE_SECONDS = 0.01
FULL_DISK_SECONDS, FULL_DISK_PAUSE_SECONDS = 6.0, 0.25


class LogPump(threading.Thread):
    """Copies a pipe to a file of at most `limit` bytes (and a line that says how much was left out)."""

    def __init__(self, pipe: int, path: Path, limit: int) -> None:
        super().__init__(name="sandbox-log", daemon=True)
        self._pipe = pipe
        self._path = path
        self._room = max(limit - TAIL_BYTES - CHUNK_BYTES - NOTE_BYTES, 0)
        self._tail: deque[bytes] = deque()
        self._held = 0
        self._dropped = 0

    def run(self) -> None:
        with self._path.open("ab", buffering=0) as log, os.fdopen(self._pipe, "rb", buffering=0) as pipe:
            while chunk := pipe.read(CHUNK_BYTES):
                head, rest = chunk[: self._room], chunk[self._room :]
                written = 0 if self._tail else _write(log, head)
                self._room -= len(head)
                self._keep(head[written:] + rest)
                if rest:
                    time.sleep(FLOOD_PAUSE_SECONDS)
            self._finish(log)

    def _finish(self, log: IO[bytes]) -> None:
        """The last lines. A full disk is given some seconds: it may be another run that filled it, and is ended."""
        note = f"\n[{self._dropped} bytes of log left out]\n".encode() if self._dropped else b""
        left = note + b"".join(self._tail)
        end = time.monotonic() + FULL_DISK_SECONDS
        while left := left[_write(log, left) :]:
            if time.monotonic() > end:
                return
            time.sleep(FULL_DISK_PAUSE_SECONDS)

    def _keep(self, chunk: bytes) -> None:
        if not chunk:
            return
        self._tail.append(chunk)
        self._held += len(chunk)
        while self._held - len(self._tail[0]) >= TAIL_BYTES:
            gone = len(self._tail.popleft())
            self._held -= gone
            self._dropped += gone


def _write(log: IO[bytes], text: bytes) -> int:
    """How many bytes the disk took."""
    try:
        return log.write(text) if text else 0
    except OSError:
        return 0
