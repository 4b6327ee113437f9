"""What processes hold together, added up from /proc, where no control group counts it.

Pages that several processes share count once: the kernel says each process's proportional share, and two processes
that are one address space, as for a moment after a vfork, are told apart from two that only look alike. Files that are
mapped do not count: the kernel takes them back.
"""

import contextlib
import ctypes
import platform
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from farfield_workers.sandbox.memory.files import text

KIB = 1024
PROC = Path("/proc")
KCMP = {"x86_64": 312, "aarch64": 272}
KCMP_VM = 1


@dataclass(frozen=True, kw_only=True)
class Resident:
    """A process's own count: private pages, shared ones that no file backs, page tables; and its address space."""

    pid: int
    anonymous: int
    shared: int
    tables: int
    space: int

    @property
    def most(self) -> int:
        """The most that it can add to a sum."""
        return self.anonymous + self.shared + self.tables


def residents(pids: Sequence[int], *, with_shared: bool = True, proc: Path = PROC) -> list[Resident]:
    """Each process as its `status` has it; those that have ended are left out.

    Without `with_shared`, pages that no file backs and that several map are 0: somebody else counts them.
    """
    read = (_resident(pid, _fields(text(proc / str(pid) / "status"))) for pid in pids)
    return [r if with_shared else replace(r, shared=0) for r in read if r is not None]


def upper_bound(found: Sequence[Resident]) -> int:
    """What they hold at most: what is shared is counted for each of them."""
    return sum(resident.most for resident in found)


def proportional(found: Sequence[Resident], proc: Path = PROC) -> int:
    """What they hold together, each page once. Costs the kernel a walk over their page tables."""
    return sum(_share(resident, proc) for resident in _spaces(found))


def _resident(pid: int, fields: dict[str, int]) -> Resident | None:
    if "RssAnon" not in fields:  # ended, or a thread of the kernel
        return None
    return Resident(
        pid=pid,
        anonymous=fields["RssAnon"],
        shared=fields.get("RssShmem", 0),
        tables=fields.get("VmPTE", 0),
        space=fields.get("VmSize", 0),
    )


def _share(resident: Resident, proc: Path) -> int:
    fields = _fields(text(proc / str(resident.pid) / "smaps_rollup"))
    if "Pss_Anon" in fields:
        return fields["Pss_Anon"] + min(fields.get("Pss_Shmem", 0), resident.shared) + resident.tables
    if "Pss" in fields:  # before Linux 5.9: the share of mapped files is in it
        return min(fields["Pss"] + resident.tables, resident.most)
    has_ended = not residents([resident.pid], proc=proc)  # since it was seen, and who shared its pages has them all
    return 0 if has_ended else resident.most


def _fields(content: str) -> dict[str, int]:
    """Lines of `Name: number kB`, in bytes."""
    parts = (line.split() for line in content.splitlines())
    return {p[0].rstrip(":"): int(p[1]) * KIB for p in parts if len(p) == 3 and p[2] == "kB"}


def _spaces(found: Sequence[Resident]) -> list[Resident]:
    """One process of each address space."""
    chosen: list[Resident] = []
    for resident in found:
        alike = (other for other in chosen if other.space == resident.space)
        if not any(_same_space(resident.pid, other.pid) for other in alike):
            chosen.append(resident)
    return chosen


def _same_space(first: int, second: int) -> bool:
    """kcmp(2); False where the kernel does not say."""
    number = KCMP.get(platform.machine())
    if number is None:
        return False
    with contextlib.suppress(OSError, AttributeError):
        return int(ctypes.CDLL(None, use_errno=True).syscall(number, first, second, KCMP_VM, 0, 0)) == 0
    return False
