"""Folders that a sandbox wrote into, opened and removed whatever was done to them: locked, deep, or full of links.

A path that leads through foreign folders may lead anywhere by the time it is used, so each step is taken on the
descriptor of a folder that is known to be no link. Nothing recurses: a tree may be deeper than any stack or path.
"""

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from farfield_workers.sandbox.volume import detach_below

READING, CHANGING = stat.S_IRUSR | stat.S_IXUSR, stat.S_IRWXU
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def opened_folder(name: str | Path, parent: int | None = None, rights: int = READING) -> Iterator[int]:
    """The descriptor of a folder that is no link; one that denies its owner `rights` is unlocked. Raises OSError."""
    try:
        descriptor = os.open(name, _FOLDER, dir_fd=parent)
    except PermissionError:
        _unlock(name, parent)
        descriptor = os.open(name, _FOLDER, dir_fd=parent)
    try:
        mode = os.fstat(descriptor).st_mode
        if os.geteuid() != 0 and mode & rights != rights:
            with contextlib.suppress(PermissionError):  # not ours: then it must be left as it is
                os.fchmod(descriptor, stat.S_IMODE(mode) | rights)
        yield descriptor
    finally:
        os.close(descriptor)


def remove_tree(folder: Path) -> None:
    """Delete a folder that a sandbox wrote into, with what is mounted there. Whoever could write must have ended."""
    detach_below(folder)
    with opened_folder(folder, rights=CHANGING) as root:
        waiting = _emptied(root, root)
        while waiting:
            name = waiting.pop()
            with opened_folder(name, root, CHANGING) as inner:
                waiting += _emptied(inner, root)
            os.rmdir(name, dir_fd=root)
    folder.rmdir()


def _emptied(folder: int, root: int) -> list[str]:
    """Delete the files in a folder and move the folders in it up to `root`; the names these have there."""
    with os.scandir(folder) as listed:
        entries = list(listed)
    moved = []
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            os.unlink(entry.name, dir_fd=folder)
        elif folder == root:
            moved.append(entry.name)
        else:
            moved.append(f"{secrets.token_hex(8)}.removed")
            with opened_folder(entry.name, folder, CHANGING):  # moving a folder needs the right to write into it
                os.rename(entry.name, moved[-1], src_dir_fd=folder, dst_dir_fd=root)
    return moved


def _unlock(name: str | Path, parent: int | None) -> None:
    """Give the owner access to a folder; what a link leads to is never changed."""
    if not hasattr(os, "O_PATH"):
        os.chmod(name, stat.S_IRWXU, dir_fd=parent, follow_symlinks=False)
        return
    held = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        Path(f"/proc/self/fd/{held}").chmod(stat.S_IRWXU)
    finally:
        os.close(held)
