"""A whole site on this machine: services, web, site worker, clock and evaluation worker, all below one folder."""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx

from farfield_local import leftovers
from farfield_local.child import Child, Command
from farfield_local.disk import check_room, explain_failure
from farfield_local.errors import ChildFailed, LocalError
from farfield_local.lock import SiteLock
from farfield_local.ports import address, listen
from farfield_local.processes import EVALUATION_WORKER, WEB, Plan, commands, for_manage, plan
from farfield_local.services import Service, start_postgres, start_redis
from farfield_local.supervisor import MAX_RESTARTS, Say, Supervisor

SETTINGS = "manage.env"  # below FARFIELD_VAR
READY_SECONDS = 90.0
POLL_SECONDS = 0.1
LEFTOVER_SECONDS = 2.0


class Site:
    """A running site. `url` is its address; `wait` and `pause` are what keep it running; `plan` what it consists of."""

    plan: Plan

    def __init__(self, var: Path, url: str, say: Say, max_restarts: int = MAX_RESTARTS) -> None:
        self.var = var
        self.url = url
        self.processes = Supervisor(say, max_restarts)
        self.services = Supervisor(say, max_restarts)

    def wait(self, until: Callable[[], bool], seconds: float, what: str) -> None:
        """Keep the site running until `until` holds. Raises ChildFailed when it does not within that time."""
        limit = time.monotonic() + seconds
        while not until():
            if time.monotonic() > limit:
                raise ChildFailed(f"{what} took longer than {seconds:.0f} s; the logs are in {self.var / 'log'}")
            self.pause()

    def pause(self) -> None:
        """Let a moment pass and look after the processes."""
        self.services.check()
        self.processes.check()
        time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """Evaluation workers first, to hand their runs back; services last. Safe to repeat."""
        self.processes.leave(lambda name: EVALUATION_WORKER in name)
        self.processes.stop()
        self.services.stop(grace=8.0)

    def run_service(self, name: str, start: Callable[[], Service]) -> str:
        """Start a service and keep it running; returns its address, which stays the same over restarts."""
        urls: list[str] = []

        def child() -> Child:
            service = start()
            urls.append(service.url)
            return service.child

        self.services.add(name, child)
        return urls[0]

    def run_process(self, command: Command) -> None:
        """Start a process and keep it running."""
        self.processes.add(command.name, lambda: Child(command))


@contextlib.contextmanager
def running_site(
    var: Path,
    port: int | None,
    say: Say,
    before: Callable[[], None] = lambda: None,
    *,
    settings: Mapping[str, str] | None = None,
    max_restarts: int = MAX_RESTARTS,
    evaluators: int = 1,
) -> Iterator[Site]:
    """Start everything, hand out the site, and end everything. Raises LocalError with what to do.

    `before` prepares files below `var` that the processes will read; no other start can do the same meanwhile.
    `settings` are further variables of its processes; `max_restarts` see Supervisor;
    `evaluators` is the number of evaluation workers, each with one run at a time.
    """
    var = prepare(var)
    with SiteLock(var) as lock, listen(port) as listening:
        leftovers.end(lambda: leftovers.marked(var), signal.SIGTERM, LEFTOVER_SECONDS)
        site = Site(var, address(listening), say, max_restarts)
        try:
            before()
            _start(site, listening, settings, evaluators)
            lock.record(site.url)
            yield site
        except (LocalError, OSError) as error:
            raise explain_failure(var, error) from error
        finally:
            with _undisturbed():
                site.stop()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """The end takes seconds; a second, impatient Ctrl-C would only leave it half done."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def prepare(var: Path) -> Path:
    """Make the folder, and look at once for what would fail later: its permissions and the room on its disk."""
    var = var.resolve()
    try:
        for name in ("log", "run"):
            (var / name).mkdir(parents=True, exist_ok=True)
        probe = var / "run" / "probe"
        probe.write_bytes(b"\0")
        probe.unlink()
    except PermissionError as error:
        text = (
            f"{error.filename} cannot be written by this user; change its owner, or set FARFIELD_VAR to another folder"
        )
        raise LocalError(text) from error
    except OSError as error:
        existing = next(folder for folder in (var, *var.parents) if folder.exists())
        raise explain_failure(existing, LocalError(f"{var} cannot be used: {error}")) from error
    check_room(var)
    return var


def healthy(url: str) -> bool:
    """The site answers and its database with it."""
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{url}/healthz", timeout=2.0, trust_env=False).is_success
    return False


def _note(path: Path, text: str) -> None:
    """It holds the site's secrets, so that nobody else may read it, from its first byte on."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)


def _start(site: Site, listening: socket.socket, settings: Mapping[str, str] | None, evaluators: int) -> None:
    var, log = site.var, site.var / "log"
    database = site.run_service("database", lambda: start_postgres(var / "postgres", log=log / "postgres.log"))
    broker = site.run_service("message queue", lambda: start_redis(var / "redis", log=log / "redis.log"))
    site.plan = plan(
        var, site=site.url, database=database, broker=broker, web_socket=listening.fileno(), settings=settings
    )
    _note(var / SETTINGS, for_manage(site.plan))
    for command in commands(site.plan, evaluators):
        site.run_process(command)
        if command.name == WEB:
            site.wait(lambda: healthy(site.url), READY_SECONDS, "starting the web server")
