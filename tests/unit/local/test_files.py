"""Logs, secrets, socket folders and room on the disk."""

import os
import shutil
import stat
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from farfield_local import disk, keys, logs, sockets
from farfield_local.errors import DiskFull, LocalError, ServiceError


def test_a_long_log_is_set_aside_and_two_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 3)
    path = tmp_path / "deep" / "a.log"
    for text in ("first", "second", "third", "fourth"):
        with logs.open_log(path) as log:
            log.write(text.encode())
    assert {p.name: p.read_text() for p in path.parent.iterdir()} == {
        "a.log": "fourth",
        "a.log.1": "third",
        "a.log.2": "second",
    }


def test_operating_a_log_is_bounded_while_a_process_writes_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An idle site wrote 8 MB a day and rotated nothing until its next start."""
    monkeypatch.setattr(logs, "MAX_BYTES", 3)
    path = tmp_path / "a.log"
    with logs.open_log(path) as log:
        for text in (b"first", b"second", b"third", b"end"):
            log.write(text)
            log.flush()
            assert logs.bound(path) is (text != b"end")
    kept = {p.name: p.read_text() for p in tmp_path.iterdir()}
    assert kept == {"a.log": "end", "a.log.1": "third", "a.log.2": "second"}
    assert not logs.bound(tmp_path / "none")


def test_the_tail_of_a_log(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    assert logs.tail(path) == ""
    path.write_text("\n".join(map(str, range(5000))))
    assert logs.tail(path, 2) == "4998\n4999"


def test_a_secret_is_made_once_and_private(tmp_path: Path) -> None:
    made = keys.secret(tmp_path / "secrets", "token")
    assert len(made) > 40
    assert keys.secret(tmp_path / "secrets", "token") == made
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "secrets" / "token").stat().st_mode) == 0o600


def test_a_secret_left_empty_by_a_full_disk_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "token").touch()
    (tmp_path / "token.part").write_text("half")
    assert keys.secret(tmp_path, "token", lambda: "whole") == "whole"
    assert keys.read(tmp_path, "token") == "whole"


def test_a_short_path_keeps_its_sockets_near() -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert sockets.socket_folder(Path(folder), "s.sock") == Path(folder) / "socket"


def test_a_long_path_gets_a_private_folder_that_is_found_again_and_removed(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 110)
    folder.mkdir()
    made = sockets.socket_folder(folder, "s.sock")
    assert len(str(made / "s.sock")) <= sockets.MAX_PATH_BYTES
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert sockets.socket_folder(folder, "s.sock") == made
    sockets.remove_elsewhere(folder)
    assert not made.exists()
    sockets.remove_elsewhere(folder)


def test_a_recorded_folder_that_others_may_write_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 110)
    folder.mkdir()
    made = sockets.socket_folder(folder, "s.sock")
    made.chmod(0o777)
    other = sockets.socket_folder(folder, "s.sock")
    assert other != made
    made.rmdir()
    sockets.remove_elsewhere(folder)


def test_a_name_too_long_for_any_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="TMPDIR"):
        sockets.socket_folder(tmp_path, "s" * 120)


def test_too_little_room_says_how_much_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match=r"free.*needs.*FARFIELD_VAR"):
        disk.check_room(tmp_path, needed=2**62)


def test_a_full_disk_is_the_reason_whatever_broke_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = LocalError("no data folder")
    assert disk.explain_failure(tmp_path, broken) is broken
    assert "unforeseen" in str(disk.explain_failure(tmp_path, OSError("unforeseen")))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    explained = disk.explain_failure(tmp_path, broken)
    assert isinstance(explained, DiskFull)
    assert "1 MB free" in str(explained)
    assert "no data folder" in str(explained)


def test_the_tail_of_an_unreadable_byte_is_text(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(os.urandom(64))
    assert isinstance(logs.tail(tmp_path / "a.log"), str)
