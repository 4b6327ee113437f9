"""Reading what a sandbox wrote: regular files only, never through a link, never more than was agreed.

A named pipe would stop the reader for ever, a link would have it read another file, and an array's header may claim
any shape; so each is looked at before it is read.
"""

import logging
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from farfield.errors import FarfieldError, PredictionsError
from farfield.packaging.plain import read_json
from farfield_workers.sandbox.base import Stopped
from farfield_workers.trees import opened_folder

log = logging.getLogger(__name__)

JSON_BYTES = 16 << 20
WIDEST = 8  # bytes of a number: a wider one may be finite, and infinite once it is a float64
HEADER_BYTES = 4096
READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


@contextmanager
def reading(what: str, code: str = PredictionsError.code) -> Iterator[None]:
    """The one boundary around reading what a sandbox wrote: no exception in here is the platform's failure.

    A FarfieldError says itself what is wrong. Anything else was foreseen by nobody: it is in our log with its
    traceback, for the reader is ours to mend, and ends the run by the code and the name of what was read, for who
    wrote it could write something else. Raises PredictionsError with that code.
    """
    try:
        yield
    except (FarfieldError, Stopped):
        raise
    except Exception as error:
        log.exception("reading %s, which a sandbox wrote, met something that nobody foresaw", what)
        raise PredictionsError(f"{what} cannot be read ({type(error).__name__})", code=code) from error


class NotThere(PredictionsError):
    """The file was not written, or is no regular file."""


def open_regular(path: Path, folder: int | None = None) -> IO[bytes]:
    """Open a regular file that is no link, below an open folder if one is given. Raises NotThere."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        raise NotThere(f"{path.name} was not written") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotThere(f"{path.name} is not a regular file")
    return os.fdopen(descriptor, "rb")


def read_json_object(path: Path, limit: int = JSON_BYTES) -> dict[str, Any]:
    """A JSON object of at most `limit` bytes. Raises PredictionsError."""
    with reading(path.name), open_regular(path) as opened:
        text = opened.read(limit + 1)
    if len(text) > limit:
        raise PredictionsError(f"{path.name} is longer than {limit} bytes")
    try:
        value = read_json(text.decode("utf-8"), constants=True)
    except ValueError as error:
        raise PredictionsError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise PredictionsError(f"{path.name} must hold a JSON object")
    return value


def load_array(path: Path, shape: tuple[int, ...], *, mapped: bool = False) -> npt.NDArray[Any]:
    """A numeric array of this very shape: never a pickle, never larger than it should be. Raises PredictionsError.

    Mapped, it stays on the disk until it is looked at; whoever could write the file must have ended.
    """
    with reading(path.name), open_regular(path) as opened:
        if os.fstat(opened.fileno()).st_size > int(np.prod(shape)) * 8 + HEADER_BYTES:
            raise PredictionsError(f"{path.name} is larger than {shape} values take")
        try:
            found, order, dtype = _header(opened)
            _check(path.name, found, dtype, shape)
            if mapped:
                return np.asarray(np.memmap(opened, dtype, "r", opened.tell(), shape, order))
            opened.seek(0)
            loaded: npt.NDArray[Any] = np.load(opened, allow_pickle=False)
        except (ValueError, EOFError, OSError, SyntaxError, MemoryError, RecursionError, TypeError) as error:
            raise PredictionsError(f"{path.name} is not a plain array: {str(error)[:200]}") from error
    return loaded


def regular_files(folder: Path, ending: str) -> list[str]:
    """Names of the regular files in `folder` that end so. A folder that is not there, or is a link, has none."""
    with suppress(OSError), opened_folder(folder) as opened, os.scandir(opened) as entries:
        return sorted(e.name for e in entries if e.name.endswith(ending) and e.is_file(follow_symlinks=False))
    return []


def take_file(folder: Path, name: str, target: Path) -> None:
    """Copy one regular file out of a folder that foreign code made: neither may be a link. Raises NotThere."""
    try:
        with opened_folder(folder) as opened, target.open("xb") as copy, open_regular(Path(name), opened) as source:
            shutil.copyfileobj(source, copy)
    except NotThere:
        target.unlink(missing_ok=True)
        raise
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotThere(f"{name} was not written") from error


def _header(opened: IO[bytes]) -> tuple[tuple[int, ...], Literal["C", "F"], np.dtype[Any]]:
    reader = READERS.get(npy.read_magic(opened))
    if reader is None:
        raise ValueError("an unknown version of the format")
    shape, by_columns, dtype = reader(opened, max_header_size=HEADER_BYTES)
    return tuple(shape), "F" if by_columns else "C", dtype


def _check(name: str, found: tuple[int, ...], dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    if dtype.kind not in "fiu" or dtype.itemsize > WIDEST:
        raise PredictionsError(f"{name} holds {dtype}, not numbers of at most {WIDEST} bytes")
    if found != shape:
        raise PredictionsError(f"{name} has the shape {found}; it must be {shape}, a row for each example")
