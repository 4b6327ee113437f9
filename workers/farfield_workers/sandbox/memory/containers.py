"""The memory of a container: its control group, where this host's are the engine's, else what the engine says of it."""

import contextlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
from docker.errors import DockerException

from farfield_workers.sandbox.memory.group import Group, Use
from farfield_workers.sandbox.memory.hidden import queued_bytes
from farfield_workers.sandbox.memory.hierarchies import hierarchies
from farfield_workers.sandbox.memory.meter import Peak
from farfield_workers.sandbox.memory.version1 import Version1Group
from farfield_workers.sandbox.memory.version2 import Version2Group

COUNTED = "docker"
ASK_SECONDS = 0.5
CACHED = ("inactive_file", "active_file", "slab_reclaimable")
CACHED_VERSION1 = ("total_inactive_file", "total_active_file")


class ContainerMeter:
    """The engine limits; we read, while the container runs: at its end its group is gone."""

    def __init__(self, container: Any, limit: int) -> None:
        self.counted = COUNTED
        self._container = container
        self._limit = limit
        self._peak = Peak()
        self._next_ask = 0.0
        self._pid = 0
        self._group: Group | None = None

    @property
    def peak(self) -> int:
        return self._peak.bytes

    @property
    def held(self) -> int:
        return self._peak.held

    def over(self) -> bool:
        """Look, several times a second: whether the kernel ended a process for want of memory, or should have."""
        if not self._pid and time.monotonic() >= self._next_ask:
            self._pid = _pid(self._container)
            self._group = group_of(self._pid, str(self._container.id))
        if self._group is not None:
            sockets = 0 if self._group.counts_sockets else queued_bytes([self._pid])
            held = self._peak.saw(self._group.use(), self._group.highest(), sockets)
            return self._group.kills() > 0 or held > self._limit
        if time.monotonic() >= self._next_ask:
            self._next_ask = time.monotonic() + ASK_SECONDS
            self._peak.saw(*_asked(self._container))
        return False


def group_of(pid: int, name: str) -> Group | None:
    """The group that counts the memory of a process of this host, if its path has `name` in it.

    None where it cannot be seen, as where the engine is on another host, whose numbers of processes mean nothing here.
    """
    found = hierarchies(Path(f"/proc/{pid}")) if pid > 0 else []
    for hierarchy in (h for h in found if name in str(h.own)):
        if hierarchy.unified and (hierarchy.own / "memory.max").exists():
            return Version2Group(hierarchy.own)
        if "memory" in hierarchy.controllers and (hierarchy.own / "memory.limit_in_bytes").exists():
            return Version1Group([hierarchy.own])
    return None


def _pid(container: Any) -> int:
    with contextlib.suppress(DockerException, requests.RequestException, KeyError, TypeError, ValueError):
        container.reload()
        return int(container.attrs["State"]["Pid"])
    return 0


def _asked(container: Any) -> tuple[Use, int]:
    """What the engine says: now, and at most (version 1 alone)."""
    with contextlib.suppress(DockerException, requests.RequestException):
        said = container.client.api.stats(container.id, stream=False, one_shot=True)
        return use_in(said.get("memory_stats") or {})
    return Use(total=0, files=0), 0


def use_in(memory: Mapping[str, Any]) -> tuple[Use, int]:
    """The engine's `memory_stats`, whose names are those of the host's control groups."""
    parts = memory.get("stats") or {}
    names = CACHED_VERSION1 if CACHED_VERSION1[0] in parts else CACHED
    use = Use(total=int(memory.get("usage") or 0), files=sum(int(parts.get(name) or 0) for name in names))
    return use, int(memory.get("max_usage") or 0)
