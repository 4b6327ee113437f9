"""The operating-system user that PostgreSQL runs as when the site is started by root."""

import contextlib
import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

NAME = "pgserver"
FALLBACK = "nobody"


@dataclass(frozen=True, kw_only=True)
class OsUser:
    """Who a child runs as. `reach` are the folders it must be able to enter."""

    uid: int
    gid: int
    reach: tuple[Path, ...] = ()

    def needs_reach(self) -> bool:
        """Some folder on the way is closed to this user."""
        return any(not _can_pass(folder, self) for path in self.reach for folder in (path, *path.parents))


def service_user(*reach: Path) -> OsUser | None:
    """The user to change to; None when we are not root and need not change."""
    if os.geteuid() != 0:
        return None
    entry = _entry(NAME) or _create() or pwd.getpwnam(FALLBACK)
    return OsUser(uid=entry.pw_uid, gid=entry.pw_gid, reach=tuple(path.resolve() for path in reach))


def give(folder: Path, user: OsUser | None) -> None:
    """Make `folder`, with all it holds, belong to `user`; left alone when it does already."""
    if user is None or folder.stat().st_uid == user.uid:
        return
    for path in folder.rglob("*"):
        os.chown(path, user.uid, user.gid, follow_symlinks=False)
    os.chown(folder, user.uid, user.gid)


def _entry(name: str) -> pwd.struct_passwd | None:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(name)
    return None


def _create() -> pwd.struct_passwd | None:
    """None where the machine has no useradd or does not let it work, as on a read-only system."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
        subprocess.run(command, check=False, capture_output=True, timeout=20)
    return _entry(NAME)  # another checkout may have been quicker


def _can_pass(folder: Path, user: OsUser) -> bool:
    status = folder.stat()
    if status.st_uid == user.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == user.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)
