"""A worker's settings, from its environment. There is no database among them, on purpose."""

import os
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from farfield import FarfieldError, Resources
from farfield_evaluators.paths import var_folder


class SettingsError(FarfieldError):
    """A setting is missing or unusable."""

    code = "platform.settings"


@dataclass(frozen=True, kw_only=True)
class WorkerSettings:
    """name: shown to operators and in a run's timeline. gpu: UUID of the one GPU this worker may use, or None.

    sandbox: "auto", or a backend by name. indexes: where packages' dependencies may come from; none by default.
    certificates: a file of authorities that those indexes are checked against. ceiling: the most that a method may
    declare.
    """

    name: str
    broker_url: str
    site_url: str
    token: str = field(repr=False)
    var: Path
    heartbeat_seconds: float
    gpu: str | None
    sandbox: str = "auto"
    indexes: tuple[str, ...] = field(default=(), repr=False)
    certificates: Path | None = None
    ceiling: Resources = field(default_factory=lambda: Resources(gpu=True, memory_gib=1024, minutes=14400))

    @property
    def resource(self) -> str:
        """The kind of runs it takes: "gpu" or "cpu"."""
        return "gpu" if self.gpu else "cpu"

    @property
    def queue(self) -> str:
        return f"evaluate.{self.resource}"


def worker_settings() -> WorkerSettings:
    """Read the environment. Raises SettingsError naming the variable to set."""
    return WorkerSettings(
        name=os.environ.get("FARFIELD_WORKER_NAME", f"{socket.gethostname()}-{os.getpid()}"),
        broker_url=_required("FARFIELD_BROKER_URL"),
        site_url=_required("FARFIELD_SITE_URL").rstrip("/"),
        token=_required("FARFIELD_WORKER_TOKEN"),
        var=var_folder(),
        heartbeat_seconds=float(os.environ.get("FARFIELD_HEARTBEAT_SECONDS", "5")),
        gpu=os.environ.get("FARFIELD_GPU") or None,
        sandbox=os.environ.get("FARFIELD_SANDBOX") or "auto",
        indexes=tuple(os.environ.get("FARFIELD_INDEXES", "").split()),
        certificates=Path(name) if (name := os.environ.get("FARFIELD_INDEX_CERTIFICATES", "")) else None,
        ceiling=Resources(
            gpu=True,
            memory_gib=_number("FARFIELD_MAX_MEMORY_GIB", memory_gib()),
            minutes=_number("FARFIELD_MAX_MINUTES", 24 * 60),
        ),
    )


def _number(name: str, default: float) -> float:
    try:
        return float(os.environ.get(name) or default)
    except ValueError:
        raise SettingsError(f"{name} is {os.environ[name]!r}, which is not a number") from None


def room_bytes(name: str, usual_gib: float) -> int:
    """How much room the variable of this name, in GiB, gives to a cache. Raises SettingsError."""
    return int(_number(name, usual_gib) * (1 << 30))


def memory_gib() -> float:
    """The memory of this machine: no run can be given more."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)


def free_memory_gib() -> float:
    """What is free of it just now, or would be if files were not kept in it; all of it where that cannot be known."""
    with suppress(OSError, StopIteration, ValueError, IndexError), Path("/proc/meminfo").open() as lines:
        return int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1]) / (1 << 20)
    return memory_gib()


def _required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise SettingsError(f"the environment variable {name} is not set; the worker needs it (see the operator guide)")
    return value
