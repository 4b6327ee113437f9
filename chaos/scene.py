"""The site under attack: how it is started, and what the faults know of it."""

import contextlib
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote

import httpx

from chaos.database import Database
from chaos.disk import Disk
from chaos.pack import make_pack
from chaos.plugin import METHODS, install_plugin
from chaos.verify import Kill
from farfield_local.child import Child, Command
from farfield_local.processes import evaluation_worker
from farfield_local.site import Site, running_site

LEASE_SECONDS = 6
READY_SECONDS = 120.0
FIRST, SECOND = "evaluation worker", "second evaluation worker"
# The name that the site knows a worker by -> its process.
WORKERS = {"demo-worker": FIRST, "chaos-worker": SECOND}
SETTINGS: Mapping[str, str] = {
    "FARFIELD_LEASE_SECONDS": str(LEASE_SECONDS),
    "FARFIELD_HEARTBEAT_SECONDS": "1",
    "FARFIELD_REAP_SECONDS": "2",
    "FARFIELD_QUOTA_SUBMISSIONS": "100000",
    "FARFIELD_MAX_OPEN_RUNS": "100000",
}
# Faults come far more often than a supervisor bears otherwise.
MAX_RESTARTS = 1000
SITECUSTOMIZE = Path(__file__).with_name("clock.py")


@dataclass
class Clock:
    """The clock of the second worker: how far it is off, in seconds, from its next start on."""

    folder: Path
    shift: int = 0

    def command(self, command: Command) -> Command:
        """The same command under this clock; only this one process sees it."""
        if not self.shift:
            return command
        (self.folder / "sitecustomize.py").write_bytes(SITECUSTOMIZE.read_bytes())
        shifted = {"PYTHONPATH": str(self.folder), "CHAOS_CLOCK_SHIFT": str(self.shift)}
        return replace(command, env={**command.env, **shifted})


@dataclass
class Ledger:
    """What was done to the site. Shared between threads: every member is only ever added to, one item at a time."""

    injected: Counter[tuple[str, str]] = field(default_factory=Counter)
    kills: list[Kill] = field(default_factory=list)
    tokens: list[tuple[str, str, int]] = field(default_factory=list)  # (run, token, times used)
    accepted: dict[str, str] = field(default_factory=dict)
    journal: list[tuple[float, str]] = field(default_factory=list)  # (seconds since 1970, what was done)

    def note(self, kind: str, detail: str = "") -> None:
        self.injected[kind, detail] += 1

    def tell(self, kind: str) -> None:
        """Note the time of a fault, for whoever looks into a problem."""
        self.journal.append((time.time(), kind))

    def kinds(self) -> Counter[str]:
        """How often each kind was injected."""
        found: Counter[str] = Counter()
        for (kind, _), count in list(self.injected.items()):
            found[kind] += count
        return found


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A running site with two evaluation workers, and the record of what is done to it."""

    site: Site
    database: Database
    broker: Path
    clock: Clock
    full_disk: bool
    ledger: Ledger = field(default_factory=Ledger)
    stop: threading.Event = field(default_factory=threading.Event)

    def pid(self, part: str) -> int:
        """The process of a part of the site, as of now."""
        return {**self.site.processes.pids(), **self.site.services.pids()}[part]

    def wait_for(self, until: Callable[[], object], seconds: float, every: float = 0.1) -> bool:
        """Whether it came to hold within that time; ends early when all is being ended."""
        rounds = max(1, round(seconds / every))
        for _ in range(rounds):
            if until():
                return True
            if self.stop.wait(every):
                return False
        return False


@contextlib.contextmanager
def running_scene(sandbox: str, disk: Disk) -> Iterator[Scene]:
    """Start it all in a temporary folder, and take it all away. `disk` puts a small disk on a folder if it can."""
    with contextlib.ExitStack() as resources:
        temporary = tempfile.TemporaryDirectory(prefix="farfield-chaos-", ignore_cleanup_errors=True)
        folder = Path(resources.enter_context(temporary))
        folder.chmod(0o711)  # the database runs as another user
        var = folder / "var"
        for part in ("scratch", "log"):
            (var / part).mkdir(parents=True)
        full_disk = all(resources.enter_context(disk(var / part)) for part in ("scratch", "log"))
        plugins = install_plugin(folder / "plugins")
        settings = {**SETTINGS, "FARFIELD_PLUGIN_PATH": str(plugins), "FARFIELD_SANDBOX": sandbox}
        make_pack(folder / "images", var / "packs")
        site = running_site(var, None, _say_nothing, settings=settings, max_restarts=MAX_RESTARTS)
        yield _scene(resources.enter_context(site), folder, full_disk)


def _say_nothing(text: str) -> None:
    """That parts are started again is what all this is about."""


def _scene(site: Site, folder: Path, full_disk: bool) -> Scene:
    clock = Clock(folder=folder / "clock")
    clock.folder.mkdir()
    second = evaluation_worker(site.plan, SECOND, "chaos-worker")
    site.processes.add(SECOND, lambda: Child(clock.command(second)))
    site.wait(lambda: _offers_all(site.url), READY_SECONDS, "announcing the methods")
    return Scene(
        site=site,
        database=Database(site.plan.database),
        broker=Path(unquote(site.plan.broker.removeprefix("redis+socket://"))),
        clock=clock,
        full_disk=full_disk,
    )


def _offers_all(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        answers = [httpx.get(f"{url}/api/v1/methods/{name}", timeout=5, trust_env=False) for name in METHODS]
        return all(answer.is_success for answer in answers)
    return False
