"""Standard output and standard error of a sandboxed command, kept within bounds while it runs.

The command writes into a pipe, so that it can neither change what it has written nor fill a disk. Of a flood the first
part and the last lines are kept, and reading slows down, which slows the writer.
"""

import os
import threading
import time
from collections import deque
from pathlib import Path

CHUNK_BYTES = 64 << 10
TAIL_BYTES = 256 << 10
FLOOD_PAUSE_SECONDS = 0.01


class LogPump(threading.Thread):
    """Copies a pipe to a file of at most `limit` bytes (and a line that says how much was left out)."""

    def __init__(self, pipe: int, path: Path, limit: int) -> None:
        super().__init__(name="sandbox-log", daemon=True)
        self._pipe = pipe
        self._path = path
        self._room = max(limit - TAIL_BYTES, 0)
        self._tail: deque[bytes] = deque()
        self._held = 0
        self._dropped = 0

    def run(self) -> None:
        with self._path.open("ab", buffering=0) as log, os.fdopen(self._pipe, "rb", buffering=0) as pipe:
            while chunk := pipe.read(CHUNK_BYTES):
                head, rest = chunk[: self._room], chunk[self._room :]
                self._room -= len(head)
                log.write(head)
                self._keep(rest)
            if self._dropped:
                log.write(f"\n[{self._dropped} bytes of log left out]\n".encode())
            log.write(b"".join(self._tail))

    def _keep(self, chunk: bytes) -> None:
        if not chunk:
            return
        self._tail.append(chunk)
        self._held += len(chunk)
        while self._held - len(self._tail[0]) >= TAIL_BYTES:
            gone = len(self._tail.popleft())
            self._held -= gone
            self._dropped += gone
        time.sleep(FLOOD_PAUSE_SECONDS)
