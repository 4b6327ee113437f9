"""A whole site with its real processes: what is left when it is killed, and what the next start makes of it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from farfield_local.leftovers import in_folder, marked
from farfield_local.lock import is_running
from farfield_local.stop import stop

pytestmark = pytest.mark.services

# Without the workers: they take seconds to start, and are tested where a submission is evaluated.
SITE = """
import json, sys
from pathlib import Path
from farfield_local import site as sites
from farfield_local.commands import _end_in_order
sites.commands = lambda plan, *_: (sites_web(plan),)
from farfield_local.processes import web as sites_web
_end_in_order()
try:
    with sites.running_site(Path(sys.argv[1]), None, print) as site:
        print(json.dumps({"url": site.url, **site.processes.pids(), **site.services.pids()}), flush=True)
        while True:
            site.pause()
except KeyboardInterrupt:
    print("ended in order", flush=True)
"""


class Started:
    """A site in a process of its own."""

    def __init__(self, var: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SITE, str(var)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self.process.stdout is not None
        self.said: dict[str, object] = json.loads(self.process.stdout.readline())

    @property
    def url(self) -> str:
        return str(self.said["url"])

    def pid(self, name: str) -> int:
        return int(str(self.said[name]))

    def end(self, number: signal.Signals) -> str:
        """Send the signal; returns what it said at its end."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=20)[0]


def nothing_left(var: Path) -> bool:
    return not marked(var) and not in_folder("postgres", var / "postgres" / "data")


def wait_for(holds: object, seconds: float = 15.0) -> None:
    limit = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < limit, "timed out"
        time.sleep(0.1)


def test_a_site_that_was_killed_leaves_nothing_and_starts_again(tmp_path: Path) -> None:
    var = tmp_path / "var"
    first = Started(var)
    assert httpx.get(f"{first.url}/healthz").json()["status"] == "ok"
    assert is_running(var) is not None

    first.end(signal.SIGKILL)
    wait_for(lambda: nothing_left(var))
    assert is_running(var) is None

    again = Started(var)
    assert httpx.get(f"{again.url}/healthz").is_success

    # A process that was killed is started again, on the same port.
    os.kill(again.pid("web server"), signal.SIGKILL)
    wait_for(lambda: not psutil.pid_exists(again.pid("web server")))
    assert httpx.get(f"{again.url}/healthz", timeout=20).is_success

    begin = time.monotonic()
    said = again.end(signal.SIGTERM)
    assert time.monotonic() - begin < 12
    assert "the web server ended (status -9); starting it again" in said
    assert "ended in order" in said
    assert nothing_left(var)


def test_stop_ends_a_site_that_runs_and_takes_nothing_ill(tmp_path: Path) -> None:
    var = tmp_path / "var"
    started = Started(var)
    assert stop(var)
    assert "ended in order" in started.process.communicate(timeout=20)[0]
    assert nothing_left(var)
    assert stop(var)


def test_limits_98_half_sent_requests_do_not_silence_the_site(tmp_path: Path) -> None:
    """Without an account, 98 of them were enough: 100 connections at most, each waited for without end."""
    started = Started(tmp_path / "var")
    port = int(started.url.rpartition(":")[2])
    idlers = [socket.create_connection(("127.0.0.1", port)) for _ in range(98)]
    try:
        for number, idler in enumerate(idlers):
            head = b"POST /account/sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n"
            idler.sendall(head if number % 2 else head + b"\r\nusername=")
        for path in ("/healthz", "/", "/account/sign-in/"):
            assert httpx.get(f"{started.url}{path}", timeout=10).is_success
        refused = httpx.post(f"{started.url}/api/v1/uploads", content=b"x" * 5_000_000, timeout=20)
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "auth.required")
    finally:
        for idler in idlers:
            idler.close()
        assert "ended in order" in started.end(signal.SIGTERM)
