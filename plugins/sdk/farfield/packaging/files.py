"""Opening a stranger's file: only a regular one, without waiting for it, and saying what it is where it is no data.

A named pipe among images would make its reader wait for ever; a device or a socket has effects, or no end.
"""

import errno
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

START_BYTES = 512  # what `impostor` looks at
_KINDS: Mapping[int, str] = MappingProxyType(
    {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
)
_LFS = b"version https://git-lfs.github.com/spec/"
_PAGES = (b"<!doctype html", b"<html", b"<head", b"<?xml", b"<error")


class NotRegular(OSError):
    """Something at a path that is no regular file; its `strerror` says what it is."""


class TooLong(OSError):
    """A file with more bytes than what it should hold can have."""


def open_regular(path: Path) -> BinaryIO:
    """The file, opened for reading. Raises OSError, and NotRegular for a folder, pipe, socket or device.

    Those are not even opened, unless one is put there at that moment; then nothing waits for it.
    """
    _check(path, os.stat(path).st_mode)  # noqa: PTH116 - what is opened below may be another file already
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        _check(path, os.fstat(handle).st_mode)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read_regular(path: Path, most: int | None = None) -> bytes:
    """All bytes of a regular file. Raises OSError, and TooLong for one with more than `most`."""
    with open_regular(path) as opened:
        size = os.fstat(opened.fileno()).st_size
        if most is not None and size > most:
            raise TooLong(errno.EFBIG, f"it has {size:,} bytes; at most {most:,} are read", str(path))
        return opened.read() if most is None else opened.read(most)


def read_text(path: Path, *, errors: str = "strict") -> str:
    """A regular file as UTF-8, without a byte order mark. Raises OSError and UnicodeDecodeError."""
    return decoded(read_regular(path), errors=errors)


def decoded(data: bytes, *, errors: str = "strict") -> str:
    """A stranger's text: UTF-8, without the byte order mark that some programs put before it.

    Raises UnicodeDecodeError whose reason names the line.
    """
    try:
        return data.decode("utf-8-sig", errors)
    except UnicodeDecodeError as error:
        # The codec counts from behind a mark that it has taken off.
        line = error.object[: error.start].count(b"\n") + 1
        because = f"line {line} is not UTF-8 ({error.reason}); save the file as UTF-8"
        raise UnicodeDecodeError(error.encoding, error.object, error.start, error.end, because) from None


def impostor(start: bytes) -> str:
    """What a file is that was saved in place of the data, by its first START_BYTES; "" if it may be the data.

    >>> impostor(b"")
    'empty'
    >>> impostor(b"version https://git-lfs.github.com/spec/v1 ...").partition(";")[0]
    'a pointer of Git LFS'
    """
    if not start:
        return "empty"
    if start.startswith(_LFS):
        return "a pointer of Git LFS; fetch the file itself with `git lfs pull`"
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES):
        return "a web page; the download was answered with a page, so fetch the file itself"
    if not start.strip(b"\0"):
        return "nothing but zeros; its download was not finished"
    return ""


def _check(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "no file")
        raise NotRegular(errno.EINVAL, f"it is {kind}, not a regular file", str(path))
