"""A site with an embedded PostgreSQL and its own server, for as long as something is measured on it."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from farfield_local.services import start_postgres

START_SECONDS = 90.0


@contextmanager
def database(folder: Path) -> Iterator[Mapping[str, str]]:
    service = start_postgres(folder / "postgres", log=folder / "postgres.log")
    values = {
        "FARFIELD_DATABASE_URL": service.url,
        "FARFIELD_SECRET_KEY": "only for a measurement, and long enough to be taken as one",
        "FARFIELD_WORKER_TOKEN": "only for a measurement, and long enough to be taken as one",
        "FARFIELD_BROKER_URL": f"redis+socket://{folder}/none",  # nothing is sent by those who look
        "FARFIELD_VAR": str(folder / "var"),
        "FARFIELD_HTTPS": "0",
        "FARFIELD_PROXIES": "1",
        "DJANGO_SETTINGS_MODULE": "bench.site_settings",
    }
    try:
        yield values
    finally:
        service.stop()


@contextmanager
def server(environment: Mapping[str, str]) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "farfield_web.serving", where]
    process = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        _wait(where)
        yield f"http://{where}"
    finally:
        process.terminate()
        process.wait()


def _wait(where: str) -> None:
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit:
        try:
            server = http.client.HTTPConnection(where)
            server.request("GET", "/health/")
            server.getresponse().read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the site did not start")
