"""Who is in a folder of features, by the kernel's locks.

Who looks features up stays in the folder of their images meanwhile, and a folder goes when nobody is in it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from farfield_evaluators.locks import is_at, taken, wait_for


@contextmanager
def staying(folder: Path) -> Iterator[None]:
    """In a folder, which is made, and which nobody removes meanwhile."""
    while True:
        with suppress(FileExistsError):  # also where it was removed while `mkdir` looked whether it is a folder
            folder.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:  # removed since
            continue
        try:
            wait_for(handle, shared=True)
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
            free = taken(handle)
        except OSError:  # the file system knows no such locks
            free = False
        yield free
    finally:
        os.close(handle)
