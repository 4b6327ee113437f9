"""Folders for unix sockets, whose whole path may have 107 bytes at most (103 on macOS)."""

import contextlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from farfield_local.errors import ServiceError

MAX_PATH_BYTES = 103
RECORD = "socket-folder"
PRIVATE = 0o700


def socket_folder(folder: Path, socket_name: str) -> Path:
    """A private folder below `folder`, or in the temporary folder when the path would not do.

    The choice is recorded in `folder`, so that the next start finds it again.
    """
    near = folder / "socket"
    if _fits(near / socket_name):
        near.mkdir(mode=PRIVATE, exist_ok=True)
        return near
    return _recorded(folder) or _new(folder, socket_name)


def is_elsewhere(folder: Path) -> Path | None:
    """The recorded folder outside `folder`, if there is one."""
    return _recorded(folder)


def remove_elsewhere(folder: Path) -> None:
    """Take away what lies outside `folder`; safe to repeat."""
    found = _recorded(folder)
    if found is not None:
        shutil.rmtree(found, ignore_errors=True)
    (folder / RECORD).unlink(missing_ok=True)


def _fits(path: Path) -> bool:
    # A comma separates hosts in the address of a database.
    return len(os.fsencode(path)) <= MAX_PATH_BYTES and "," not in str(path)


def _recorded(folder: Path) -> Path | None:
    """The recorded folder, if it is still there and still private: others can write to the temporary folder."""
    with contextlib.suppress(OSError):
        found = Path((folder / RECORD).read_text(encoding="utf-8"))
        status = found.lstat()
        if stat.S_ISDIR(status.st_mode) and status.st_mode & 0o077 == 0 and _is_ours(status.st_uid):
            return found
    return None


def _is_ours(uid: int) -> bool:
    return os.geteuid() in (0, uid)


def _new(folder: Path, socket_name: str) -> Path:
    for parent in dict.fromkeys((tempfile.gettempdir(), "/tmp")):  # noqa: S108 - mkdtemp makes a private folder in it
        if _fits(Path(parent) / "farfield-01234567" / socket_name):
            made = Path(tempfile.mkdtemp(prefix="farfield-", dir=parent))
            (folder / RECORD).write_text(str(made), encoding="utf-8")
            return made
    raise ServiceError(
        f"{folder} cannot hold sockets (too long, or a comma in it), nor can a temporary folder; set TMPDIR=/tmp"
    )
