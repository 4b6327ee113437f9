"""Locks in the folder of features: the kernel's, so they go with their holder, however that ended.

Who looks features up stays in the folder of their images meanwhile, and a folder goes when nobody is in it.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from farfield_evaluators.data.locks import is_at, taken

LOOK_SECONDS = 0.3


@contextmanager
def locked(path: Path, alive: Callable[[], None]) -> Iterator[None]:
    """One at a time on this machine. Who waits calls `alive`, and can be cancelled by what that raises."""
    with path.open("w") as lock:
        while not taken(lock.fileno()):
            alive()
            time.sleep(LOOK_SECONDS)
        yield


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """The same for what takes a moment: nobody is asked while it is waited for."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_held(path: Path) -> bool:
    """Whether somebody on this machine holds the lock of a file."""
    try:
        with path.open("r+") as lock:
            return not taken(lock.fileno())
    except (FileNotFoundError, NotADirectoryError):
        return False


@contextmanager
def staying(folder: Path) -> Iterator[None]:
    """In a folder, which is made, and which nobody removes meanwhile."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:  # removed since
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_SH)
            if is_at(handle, folder):
                yield
                return
        finally:
            os.close(handle)


@contextmanager
def deserted(folder: Path) -> Iterator[bool]:
    """Whether nobody stays in a folder; while the context lasts nobody enters it."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            free = True
        except OSError:  # somebody is there, or the file system knows no such locks
            free = False
        yield free
    finally:
        os.close(handle)
