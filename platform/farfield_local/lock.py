"""One site per checkout. The lock is the kernel's (flock): it goes with its holder, however that ended."""

import contextlib
import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from farfield_local.errors import AlreadyRunning

LOCK = "site.lock"
RECORD = "site.json"


@dataclass(frozen=True, kw_only=True)
class Running:
    """A running site: the process that supervises it, and its address ("" while it starts)."""

    pid: int
    url: str


class SiteLock:
    """Held while a site runs; a context manager. Raises AlreadyRunning on entry when another process holds it."""

    def __init__(self, var: Path) -> None:
        self._var = var
        self._handle = -1

    def __enter__(self) -> "SiteLock":
        handle = os.open(self._var / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise AlreadyRunning(_describe(recorded(self._var))) from None
        self._handle = handle
        self.record("")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with contextlib.suppress(OSError):
            (self._var / RECORD).unlink()
        os.close(self._handle)

    def record(self, url: str) -> None:
        """Note the address, for whoever tries to start a second site."""
        part = self._var / f"{RECORD}.part"
        part.write_text(json.dumps(asdict(Running(pid=os.getpid(), url=url))), encoding="utf-8")
        part.replace(self._var / RECORD)


def recorded(var: Path) -> Running | None:
    """What the running site noted; None when there is nothing, or nothing that can be read."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Running(**json.loads((var / RECORD).read_text(encoding="utf-8")))
    return None


def is_running(var: Path) -> Running | None:
    """The running site, or None; a record that a killed site left behind is not believed."""
    if not (var / LOCK).exists():
        return None
    with (var / LOCK).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return recorded(var)
    return None


def _describe(running: Running | None) -> str:
    if running is None:
        return "this checkout's site is being started by another process; wait for it, or stop it"
    where = f"runs already at {running.url}" if running.url else "is starting already"
    return (
        f"this checkout's site {where} (process {running.pid}); use that one, or stop it first: Ctrl-C in its "
        f"terminal, or `kill {running.pid}`"
    )
