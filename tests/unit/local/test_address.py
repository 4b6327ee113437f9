"""One site per checkout, on a port that nobody else has."""

import json
import os
import re
from pathlib import Path

import pytest

from farfield_local.errors import AlreadyRunning, PortTaken
from farfield_local.lock import RECORD, SiteLock, is_running
from farfield_local.ports import address, listen


def test_a_second_start_is_told_where_the_first_is(tmp_path: Path) -> None:
    with SiteLock(tmp_path) as lock:
        with pytest.raises(AlreadyRunning, match="is starting already"), SiteLock(tmp_path):
            pass
        lock.record("http://127.0.0.1:8001")
        with (
            pytest.raises(AlreadyRunning, match=rf"http://127.0.0.1:8001 \(process {os.getpid()}\)"),
            SiteLock(tmp_path),
        ):
            pass
        running = is_running(tmp_path)
        assert running is not None
        assert running.pid == os.getpid()
    assert is_running(tmp_path) is None
    with SiteLock(tmp_path):
        pass


def test_what_a_killed_site_left_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "site.lock").touch()
    (tmp_path / RECORD).write_text(json.dumps({"pid": 1, "url": "http://127.0.0.1:8000"}))
    assert is_running(tmp_path) is None
    with SiteLock(tmp_path):
        pass


def test_a_record_that_cannot_be_read_is_no_obstacle(tmp_path: Path) -> None:
    with SiteLock(tmp_path):
        (tmp_path / RECORD).write_text("{")
        with pytest.raises(AlreadyRunning, match="another process"), SiteLock(tmp_path):
            pass


def test_two_sites_get_two_ports() -> None:
    with listen(None) as first, listen(None) as second:
        assert re.fullmatch(r"http://127\.0\.0\.1:8\d\d\d", address(first))
        assert address(first) != address(second)


def test_a_taken_port_is_named_with_its_holder() -> None:
    with listen(None) as held:
        port = held.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port} of 127\.0\.0\.1 is taken.*--port") as caught:
            listen(port)
        assert f"(process {os.getpid()})" in str(caught.value)
