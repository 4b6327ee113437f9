"""What a control group of one run can say and do, whichever version of the kernel's interface it lies in."""

import contextlib
import logging
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from farfield_workers.sandbox.memory.files import numbers

REMOVE_SECONDS, REMOVE_PAUSE_SECONDS = 5.0, 0.02
# A sandbox's own processes, which count like the method's: a launcher, and bubblewrap's two.
OWN_PROCESSES = 8
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Use:
    """What a group holds: all of it, and the part that is cached files, which the kernel takes back when it must."""

    total: int
    files: int

    @property
    def held(self) -> int:
        """What cannot be taken back: the measure of what a method needs."""
        return max(self.total - self.files, 0)


class Group(Protocol):
    """One run's group. `entrances` are the files that a process writes 0 into to join; `counted` is for people.

    `counts_sockets` says whether the buffers of internet sockets are in its figures.
    """

    counted: str
    counts_sockets: bool
    entrances: tuple[Path, ...]

    def limit(self, memory_bytes: int, processes: int) -> None:
        """Raises OSError where the kernel takes no limit."""

    def use(self) -> Use: ...

    def highest(self) -> int:
        """The most that was ever held, cached files included; 0 where the kernel does not say."""

    def kills(self) -> int:
        """How many processes the kernel ended because the limit was reached."""

    def remove(self) -> None:
        """End whatever is left in it, and remove it."""


def empty_and_remove(folders: tuple[Path, ...]) -> None:
    """Kill the members and remove the groups; one that stays is left to `clear_leftovers`."""
    end = time.monotonic() + REMOVE_SECONDS
    for folder in folders:
        while not _removed(folder):
            if time.monotonic() > end:
                log.warning("the control group %s cannot be removed yet", folder)
                break
            kill_members(folder)
            time.sleep(REMOVE_PAUSE_SECONDS)


def kill_members(folder: Path) -> None:
    """Those of another process namespace are listed as 0, and are not ours to end."""
    for pid in numbers(folder / "cgroup.procs"):
        if pid > 0:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
