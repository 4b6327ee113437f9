"""Who is at work on a pack: imports wait for one another, and nothing is removed while somebody reads it.

Both locks are the kernel's (flock): they go with their holder, however that ended.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from farfield_evaluators.data.errors import PackError
from farfield_evaluators.locks import is_at, taken, wait_for

log = logging.getLogger(__name__)
LOCK = "import.lock"
GUARD = "manifest.json"  # of a pack's folder: who reads the pack holds a shared lock on it


@contextmanager
def writing(home: Path) -> Iterator[None]:
    """Held while something is written to or removed from `home`, the folder of a pack's name, which is made.

    Waits while another process holds it, and says so. Raises OSError where the folder cannot be made.
    """
    handle = _hold(home, wait=True)
    assert handle is not None  # noqa: S101 - for mypy: who waits gets it
    try:
        yield
    finally:
        _release(home, handle)


@contextmanager
def writing_if_free(home: Path) -> Iterator[bool]:
    """As `writing`, without waiting: whether nobody else holds it, and whoever asked does now."""
    handle = _hold(home, wait=False)
    try:
        yield handle is not None
    finally:
        if handle is not None:
            _release(home, handle)


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Held while the files of a pack in `folder` are read, so that nobody removes them. Raises PackError if it is gone.

    Where the file system knows no locks nothing is held.
    """
    try:
        handle = os.open(folder / GUARD, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        says = f"{folder.name} cannot be read: {error.strerror}"
        raise PackError(f"the pack {says}; was it removed just now?") from error
    try:
        with suppress(OSError):
            wait_for(handle, shared=True)
        if not is_at(handle, folder / GUARD):
            raise PackError(f"the pack {folder.name} was removed just now; import it again")
        yield
    finally:
        os.close(handle)


@contextmanager
def unread(folder: Path) -> Iterator[bool]:
    """Whether nobody reads the pack in `folder`; while the context lasts nobody begins to."""
    try:
        handle = os.open(folder / GUARD, os.O_RDWR | os.O_CLOEXEC)
    except OSError:  # without this file no pack can be opened
        yield True
        return
    try:
        yield taken(handle)
    finally:
        os.close(handle)


def _hold(home: Path, *, wait: bool) -> int | None:
    """A descriptor of the locked file, or None if it is another's; the file goes when it is released."""
    path = home / LOCK
    while True:
        home.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except FileNotFoundError:  # the folder was removed since
            continue
        try:
            locked = taken(handle) or (wait and _wait(handle, path))
            if locked and is_at(handle, path):
                os.truncate(handle, 0)
                os.write(handle, f"{os.getpid()}\n".encode())
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
        if not locked:
            return None


def _release(home: Path, handle: int) -> None:
    """The file first, then the lock: whoever waited for it looks whether the file is still there."""
    with suppress(OSError):
        (home / LOCK).unlink()
    os.close(handle)


def _wait(handle: int, path: Path) -> bool:
    with suppress(OSError, ValueError):
        holder = int(os.pread(handle, 20, 0))
        log.warning("process %d is at work on the pack in %s; waiting for it", holder, path.parent)
    wait_for(handle)
    return True
