"""A worker's settings, from its environment. There is no database among them, on purpose."""

import os
import socket
from dataclasses import dataclass, field
from pathlib import Path

from farfield import FarfieldError
from farfield_evaluators.paths import var_folder


class SettingsError(FarfieldError):
    """A setting is missing or unusable."""

    code = "platform.settings"


@dataclass(frozen=True, kw_only=True)
class WorkerSettings:
    """name: shown to operators and in a run's timeline. gpu: UUID of the one GPU this worker may use, or None."""

    name: str
    broker_url: str
    site_url: str
    token: str = field(repr=False)
    var: Path
    heartbeat_seconds: float
    gpu: str | None

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
    )


def _required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise SettingsError(f"the environment variable {name} is not set; the worker needs it (see the operator guide)")
    return value
