"""What is mounted below a folder, and how that is undone: a folder with a mount in it cannot be removed."""

import ctypes
import logging
import os
import re
import sys
from pathlib import Path

DETACH = 2  # MNT_DETACH
log = logging.getLogger(__name__)


def mounts_below(folder: Path) -> list[str]:
    """Where something is mounted at or below `folder`, the outer before the inner; nothing for who may not unmount."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return []
    lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    places = [re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), line.split()[4]) for line in lines]
    return [place for place in places if Path(place).is_relative_to(folder)]


def detach_below(folder: Path) -> None:
    """Unmount whatever is mounted at or below `folder`. Arrays that are mapped from it stay readable until they go."""
    for place in reversed(mounts_below(folder.resolve())):
        if ctypes.CDLL(None, use_errno=True).umount2(os.fsencode(place), DETACH) != 0:
            log.warning("%s cannot be unmounted: %s", place, os.strerror(ctypes.get_errno()))
