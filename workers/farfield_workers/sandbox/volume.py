"""An output folder as a file system of its own, so that the kernel keeps the limit on what a run writes.

No way of writing escapes it: unlinked files, files that never had a name and locked folders all take their room there,
and a run that fills it fills nobody else's disk. It is an ext4 image in a file beside the folder, reserved as a whole
and unlinked as soon as it is mounted, so that it goes with the mount. That takes root, loop devices and the system's
own programs; where one is missing, what a run holds is measured instead (see disk.py).
"""

import ctypes
import logging
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from farfield_workers.sandbox.base import GIB, MIB, Limits

PROGRAMS = ("mkfs.ext4", "mount")
SYSTEM_PATHS = "/usr/sbin:/usr/bin:/sbin:/bin"
LOOP_CONTROL = Path("/dev/loop-control")
OPTIONS = "loop,nosuid,nodev,noatime"
# No journal: nothing outlives a crash. Tables are made as they are needed, so that a large one is made as fast.
FEATURES = ("-O", "^has_journal,^resize_inode", "-E", "lazy_itable_init=1,nodiscard", "-m", "0")
INODE_BYTES, SPARE_BYTES, SPARE_FILES = 256, 16 * MIB, 64
KEPT_FREE_BYTES = GIB  # of the disk, for everybody else
SECONDS = 60
DETACH = 2  # MNT_DETACH
log = logging.getLogger(__name__)


def attach(folder: Path, limits: Limits) -> bool:
    """Mount a new file system on the empty `folder`; whether that could be done here. `detach_below` undoes it."""
    if unusable():
        return False
    size = size_of(limits)
    image = folder.with_name(f"{folder.name}.disk")
    try:
        if shutil.disk_usage(folder.parent).free < size + KEPT_FREE_BYTES:
            log.info("%s is measured, for its disk has no room for %d bytes of its own", folder, size)
            return False
        _reserve(image, size)
        _run("mkfs.ext4", "-q", "-F", *FEATURES, "-N", str(limits.output_files + SPARE_FILES), str(image))
        _run("mount", "-t", "ext4", "-o", OPTIONS, str(image), str(folder))
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("%s has no file system of its own, and is measured: %s", folder, error)
        return False
    finally:
        image.unlink(missing_ok=True)
    (folder / "lost+found").rmdir()
    return True


def size_of(limits: Limits) -> int:
    """Of an image: a little more than may be written, so that a full one says that the limit was broken."""
    return limits.output_bytes + limits.output_bytes // 32 + (limits.output_files * INODE_BYTES) + SPARE_BYTES


def detach_below(folder: Path) -> None:
    """Unmount whatever is mounted at or below `folder`. Arrays that are mapped from it stay readable until they go."""
    for place in reversed(_mounts_below(folder.resolve())):
        if ctypes.CDLL(None, use_errno=True).umount2(os.fsencode(place), DETACH) != 0:
            log.warning("%s cannot be unmounted: %s", place, os.strerror(ctypes.get_errno()))


@cache
def unusable() -> str:
    """Why this worker cannot mount file systems, in a sentence; empty when it may be able to."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "only root may mount file systems"
    if not LOOP_CONTROL.exists():
        return f"there is no {LOOP_CONTROL}"
    missing = [name for name in PROGRAMS if shutil.which(name, path=SYSTEM_PATHS) is None]
    return f"{missing[0]} is not installed" if missing else ""


def _reserve(image: Path, size: int) -> None:
    """All of it at once: a sparse image on a disk that fills up would lose what was written without an error."""
    descriptor = os.open(image, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.fallocate(descriptor, 0, ctypes.c_long(0), ctypes.c_long(size)) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(image))
    finally:
        os.close(descriptor)


def _run(name: str, *arguments: str) -> None:
    program = shutil.which(name, path=SYSTEM_PATHS) or name
    done = subprocess.run(
        [program, *arguments], capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False
    )
    if done.returncode != 0:
        raise OSError(f"{name}: {done.stderr.strip()}")


def _mounts_below(folder: Path) -> list[str]:
    if sys.platform != "linux" or os.geteuid() != 0:
        return []
    lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    places = [re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), line.split()[4]) for line in lines]
    return [place for place in places if Path(place).is_relative_to(folder)]
