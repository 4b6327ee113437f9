"""Control groups, version 1, as older hosts have them: memory and processes lie in hierarchies of their own."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from farfield_workers.sandbox.memory.files import number, put, table
from farfield_workers.sandbox.memory.group import OWN_PROCESSES, Use, empty_and_remove
from farfield_workers.sandbox.memory.hierarchies import Hierarchy

NAME = "control group (v1)"


class Version1Group:
    """A run's groups, that of `memory` first."""

    counted = NAME
    counts_sockets = False

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders: tuple[Path, ...] = tuple(folders)
        self.entrances = tuple(folder / "cgroup.procs" for folder in self._folders)

    @property
    def _memory(self) -> Path:
        return self._folders[0]

    def limit(self, memory_bytes: int, processes: int) -> None:
        put(self._memory / "memory.limit_in_bytes", str(memory_bytes))
        with contextlib.suppress(OSError):  # it is there with swap accounting alone
            put(self._memory / "memory.memsw.limit_in_bytes", str(memory_bytes))
        for folder in self._folders[1:]:
            put(folder / "pids.max", str(processes + OWN_PROCESSES))

    def use(self) -> Use:
        total, parts = number(self._memory / "memory.usage_in_bytes"), table(self._memory / "memory.stat")
        cached = ("total_inactive_file", "total_active_file")
        return Use(total=total, files=sum(parts.get(name, 0) for name in cached))

    def highest(self) -> int:
        return number(self._memory / "memory.max_usage_in_bytes")

    def kills(self) -> int:
        return table(self._memory / "memory.oom_control").get("oom_kill", 0)  # since Linux 4.13

    def remove(self) -> None:
        empty_and_remove(self._folders)


def make(parents: Sequence[Path], name: str) -> Version1Group:
    """New groups, one below each parent. Raises OSError, and then leaves none."""
    folders = [parent / name for parent in parents]
    try:
        for folder in folders:
            folder.mkdir()
    except OSError:
        empty_and_remove(tuple(folders))
        raise
    return Version1Group(folders)


def parents_in(hierarchies: Sequence[Hierarchy], wanted: str = "") -> tuple[Path, ...]:
    """Where groups are made: below our own of `memory`, and of `pids` if there is one; empty without `memory`.

    Below our own the limits above it go on to hold. `wanted` names another group, below the roots.
    """
    memory = [h for h in hierarchies if "memory" in h.controllers]
    pids = [h for h in hierarchies if "pids" in h.controllers and h not in memory]
    chosen = [h.place(wanted) if wanted else h.own for h in (*memory[:1], *pids[:1])]
    if not memory or number(chosen[0] / "memory.use_hierarchy") != 1:
        return ()
    return tuple(chosen)
