"""Locks on files of this machine, asked for in one place: the kernel's (flock), which go with their holder.

However a holder ended, its lock is free then. A lock's file stays, unless its caller removes it.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOOK_SECONDS = 0.3
_MODE = 0o600


def taken(handle: int, *, shared: bool = False) -> bool:
    """Whether the lock of an open file is ours from here on, with others who share it; False where it is another's."""
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_for(handle: int, *, shared: bool = False) -> None:
    """The lock of an open file, once whoever has it lets go. Raises OSError where the file system knows no locks."""
    fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)


def is_at(handle: int, path: Path) -> bool:
    """Whether the open file still lies at this path."""
    with suppress(OSError):
        return os.path.samestat(os.fstat(handle), path.stat())
    return False


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """One at a time, for what takes a moment: it is waited for. The file is made; a folder must be there."""
    with _opened(path) as handle:
        wait_for(handle)
        yield


@contextmanager
def locked(path: Path, alive: Callable[[], None], seconds: float = LOOK_SECONDS) -> Iterator[None]:
    """As `alone`: who waits calls `alive` every so many seconds, and can be cancelled by what that raises."""
    with _opened(path) as handle:
        while not taken(handle):
            alive()
            time.sleep(seconds)
        yield


@contextmanager
def if_free(path: Path, *, made: bool = True) -> Iterator[bool]:
    """Whether nobody had the lock, and it is ours while the context lasts; without `made` its file must be there.

    Raises OSError where it cannot be opened.
    """
    with _opened(path, made=made) as handle:
        yield taken(handle)


def is_held(path: Path) -> bool:
    """Whether somebody on this machine holds the lock of a file; nobody does of one that is not there."""
    try:
        with if_free(path, made=False) as free:
            return not free
    except (FileNotFoundError, NotADirectoryError):
        return False


@contextmanager
def _opened(path: Path, *, made: bool = True) -> Iterator[int]:
    """A folder is opened as it is."""
    flags = os.O_RDONLY | os.O_DIRECTORY if path.is_dir() else os.O_RDWR | (os.O_CREAT if made else 0)
    handle = os.open(path, flags | os.O_CLOEXEC, _MODE)
    try:
        yield handle
    finally:
        os.close(handle)
