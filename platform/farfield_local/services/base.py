"""What the embedded services have in common."""

import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

from farfield_local.child import Child
from farfield_local.disk import explain_failure
from farfield_local.errors import ServiceError
from farfield_local.logs import tail

START_SECONDS = 30.0
POLL_SECONDS = 0.02
# Neither service needs anything from our environment, and a PGHOST or PGOPTIONS in it would lead PostgreSQL astray.
ENVIRONMENT: Mapping[str, str] = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


class Service:
    """A running service. `url` is how clients reach it."""

    def __init__(self, child: Child, url: str, clean: Callable[[], None], grace: float = 8.0) -> None:
        self.child = child
        self.url = url
        self._clean = clean
        self._grace = grace

    def stop(self) -> None:
        """End it in order, within seconds; safe to repeat."""
        self.child.stop(self._grace)
        self._clean()


def program(package: str, *parts: str) -> Path:
    """A program that a Python distribution brings, found without importing it. Raises ServiceError."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ServiceError(f"{package} is not installed; run `make install`, or `pip install '.[local]'`")
    path = Path(spec.submodule_search_locations[0], *parts)
    if not path.exists():
        raise ServiceError(f"{package} is installed without {path.name} ({path}); install it again")
    return path


def wait_ready(child: Child, ready: Callable[[], bool], folder: Path, seconds: float = START_SECONDS) -> None:
    """Return when it answers; else stop it and raise ServiceError with the end of its log, or DiskFull."""
    limit = time.monotonic() + seconds
    while child.status() is None and time.monotonic() < limit:
        if ready():
            return
        time.sleep(POLL_SECONDS)
    status = child.status()
    child.stop(1.0)
    how = f"ended with status {status}" if status is not None else f"did not answer within {seconds:.0f} s"
    log = child.command.log
    raise explain_failure(folder, ServiceError(f"{child.command.name} {how}; its log, {log}, ends:\n{tail(log)}"))
