"""Which backend a worker uses: the operator's choice, or the first that works here."""

from dataclasses import dataclass
from pathlib import Path

from farfield import FarfieldError
from farfield_workers.base_environment import BaseEnvironment, base_environment
from farfield_workers.sandbox import bubblewrap, docker
from farfield_workers.sandbox.base import Sandbox
from farfield_workers.sandbox.process import ProcessSandbox
from farfield_workers.sandbox.runtime import host_runtime

AUTOMATIC, PROCESS = "auto", "process"
CHOICES = (AUTOMATIC, "docker", "bubblewrap", PROCESS)


class NoSandbox(FarfieldError):
    """The chosen backend does not work on this host; says why, and how to get one."""

    code = "platform.no_sandbox"


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A backend; with the base environment that it shows, or why it does not isolate."""

    sandbox: Sandbox
    base: BaseEnvironment | None = None
    lacks: str = ""


def choose(wanted: str, var: Path) -> Chosen:
    """The backend of this worker.

    "auto" takes bubblewrap or Docker, whichever works, and a plain process when neither does: then only what the
    operator installed is run. Raises NoSandbox when a backend was asked for by name and does not work.
    """
    if wanted not in CHOICES:
        raise NoSandbox(f"FARFIELD_SANDBOX is {wanted!r}; choose one of {', '.join(CHOICES)}")
    if wanted == PROCESS:
        return Chosen(sandbox=ProcessSandbox(), lacks="FARFIELD_SANDBOX is set to process")
    reasons = []
    for name, unusable in (("bubblewrap", bubblewrap.unusable), ("docker", docker.unusable)):
        if wanted in (AUTOMATIC, name):
            reason = unusable()
            if not reason:
                base = base_environment(var / "base")
                return Chosen(sandbox=make(name, base), base=base)
            reasons.append(reason)
    if wanted != AUTOMATIC:
        raise NoSandbox(f"FARFIELD_SANDBOX is {wanted}, but {reasons[0]}")
    return Chosen(sandbox=ProcessSandbox(), lacks="; ".join(reasons))


def make(name: str, base: BaseEnvironment) -> Sandbox:
    """An isolating backend by its name."""
    runtime = host_runtime(base)
    return docker.DockerSandbox(runtime) if name == "docker" else bubblewrap.BubblewrapSandbox(runtime)
