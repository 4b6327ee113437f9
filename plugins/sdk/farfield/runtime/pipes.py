"""The runner's end of two pipes, `ask` and `give`, behind which something watches over the run."""

import os
from pathlib import Path
from typing import Any

from farfield.errors import JobError
from farfield.runtime.job import read_json

ASK, GIVE = "ask", "give"


def read_about(path: Path, gives: str, format: int) -> dict[str, Any]:
    """The file beside the pipes that says what may be asked for; `gives` is what this worker does, in words.

    Raises JobError for a file of another format than this one.
    """
    values = read_json(path)
    if values.get("format") != format:
        other = f"this worker gives {gives} by format {values.get('format')!r}"
        older = "bring the older farfield of the two to the version of the other"
        raise JobError(f"{other}, and this runner asks by format {format}; {older}")
    return values


class Pipes:
    """Requests go into `folder`/ask, answers come out of `folder`/give."""

    def __init__(self, folder: Path) -> None:
        self._process = os.getpid()
        self._ask = os.open(folder / ASK, os.O_WRONLY | os.O_CLOEXEC)
        self._give = os.open(folder / GIVE, os.O_RDONLY | os.O_CLOEXEC)

    def require_own_process(self) -> None:
        """Raises JobError in a process that was forked: its answers would be mixed up with those of the first."""
        if os.getpid() != self._process:
            where = "inputs and labels are given to the method's own process alone, and were asked for in a forked one"
            raise JobError(f"{where}: read them there, with num_workers=0 for a DataLoader of torch's")

    def say(self, data: bytes) -> None:
        """All of it, waited for. Raises JobError in a forked process."""
        self.require_own_process()
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
