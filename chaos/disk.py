"""Small disks to fill. They live in a mount namespace of this process, so the kernel takes them away with it."""

import contextlib
import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

CLONE_NEWNS = 0x00020000
SIZE_MEGABYTES = 192
Disk = Callable[[Path], AbstractContextManager[bool]]


def private_mounts() -> bool:
    """Let nobody else see what this process mounts from now on. False where that is not possible."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        return False
    return _succeeds("mount", "--make-rprivate", "/")


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A small disk on a folder, for a while; whether that is possible. Only after `private_mounts` said yes."""
    mounted = _succeeds("mount", "-t", "tmpfs", "-o", f"size={SIZE_MEGABYTES}m", "tmpfs", str(folder))
    try:
        yield mounted
    finally:
        if mounted:
            _succeeds("umount", "--lazy", str(folder))


@contextlib.contextmanager
def no_disk(folder: Path) -> Iterator[bool]:
    """Where none can be mounted."""
    yield False


def _succeeds(program: str, *arguments: str) -> bool:
    found = shutil.which(program)
    return found is not None and subprocess.run([found, *arguments], check=False, capture_output=True).returncode == 0
