"""The worker's end of the two pipes of a run, `ask` and `give`, in a folder that the run sees.

Both ends of each are held open, so that nothing blocks whoever comes and goes, and nothing is waited for without end:
a wait ends when the run does.
"""

import contextlib
import fcntl
import os
import select
from pathlib import Path

from farfield.runtime.pipes import ASK, GIVE

PIPE_BYTES = 1 << 20
F_SETPIPE_SZ = 1031


class Pipes:
    """Two pipes made in `folder`: what the run asks is read, and what it is given is written."""

    def __init__(self, folder: Path) -> None:
        _make(folder)
        self._ask, self._give = (_opened(folder / name) for name in (ASK, GIVE))
        self._stopped, self._stop = os.pipe()

    def read(self, size: int) -> bytes | None:
        """Exactly so many bytes, None when this has come to its end."""
        found = bytearray()
        while len(found) < size:
            if not self._ready(self._ask, select.POLLIN):
                return None
            try:
                found += os.read(self._ask, min(size - len(found), PIPE_BYTES))
            except BlockingIOError:
                continue
        return bytes(found)

    def skip(self, size: int) -> bool:
        """So many bytes, which nobody keeps; whether they all came."""
        while size:
            piece = self.read(min(size, PIPE_BYTES))
            if piece is None:
                return False
            size -= len(piece)
        return True

    def send(self, data: bytes | memoryview) -> bool:
        """All of it, or what the run takes until this has come to its end; whether it was all."""
        rest = memoryview(data)
        while rest and self._ready(self._give, select.POLLOUT):
            try:
                rest = rest[os.write(self._give, rest) :]
            except BlockingIOError:
                continue
        return not rest

    def stop(self) -> None:
        """Nothing is waited for any more."""
        os.write(self._stop, b"x")

    def close(self) -> None:
        for descriptor in (self._ask, self._give, self._stopped, self._stop):
            os.close(descriptor)

    def _ready(self, descriptor: int, event: int) -> bool:
        """Wait until it can be read or written; False when this has come to its end."""
        poll = select.poll()
        poll.register(descriptor, event)
        poll.register(self._stopped, select.POLLIN)
        return self._stopped not in dict(poll.poll())


def _make(folder: Path) -> None:
    """The two pipes, which the sandboxed user can write to and read from, and nothing else."""
    for name, mode in ((ASK, 0o622), (GIVE, 0o644)):
        os.mkfifo(folder / name)
        (folder / name).chmod(mode)


def _opened(path: Path) -> int:
    """Both ends of a pipe, so that it stays open whoever comes and goes, and nothing blocks."""
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with contextlib.suppress(OSError):  # as large as the kernel allows; a small pipe is only slower
        fcntl.fcntl(descriptor, F_SETPIPE_SZ, PIPE_BYTES)
    return descriptor
