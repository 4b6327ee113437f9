"""The runner's end of two pipes, `ask` and `give`, behind which something watches over the run."""

import os
from pathlib import Path

from farfield.errors import JobError

ASK, GIVE = "ask", "give"


class Pipes:
    """Requests go into `folder`/ask, answers come out of `folder`/give."""

    def __init__(self, folder: Path) -> None:
        self._ask = os.open(folder / ASK, os.O_WRONLY | os.O_CLOEXEC)
        self._give = os.open(folder / GIVE, os.O_RDONLY | os.O_CLOEXEC)

    def say(self, data: bytes) -> None:
        """All of it, waited for."""
        while data:
            data = data[os.write(self._ask, data) :]

    def hear(self, size: int) -> memoryview:
        """Exactly so many bytes, waited for. Raises JobError where nothing more comes."""
        whole = memoryview(bytearray(size))
        rest = whole
        while rest:
            read = os.readv(self._give, [rest])
            if not read:
                raise JobError("nothing more is given: what watches over this run is gone")
            rest = rest[read:]
        return whole
