"""Files of strangers: only regular ones are opened, nothing waits, and what is no data is named as what it is."""

import os
import socket
import threading
from pathlib import Path

import pytest

from farfield.errors import reason
from farfield.packaging.files import NotRegular, TooLong, impostor, open_regular, read_regular, read_text


def not_regular(folder: Path) -> dict[str, Path]:
    """One of each kind, by what an error calls it."""
    folder.mkdir(parents=True, exist_ok=True)
    pipe, bound = folder / "pipe.jpg", folder / "socket.jpg"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(str(bound))
    return {"a named pipe": pipe, "a socket": bound, "a device": Path("/dev/zero"), "a folder": folder}


@pytest.fixture
def kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    return not_regular(Path("s"))


@pytest.mark.parametrize("kind", ["a named pipe", "a socket", "a device", "a folder"])
def test_no_regular_file_is_named_and_not_waited_for(kinds: dict[str, Path], kind: str) -> None:
    for read in (open_regular, read_regular, read_text):
        with pytest.raises(NotRegular) as caught:
            read(kinds[kind])
        assert caught.value.strerror == f"it is {kind}, not a regular file"
        assert caught.value.filename == str(kinds[kind])


def test_a_pipe_put_there_at_that_moment_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.jpg"
    path.write_bytes(b"x")
    seen = path.stat()
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(os, "stat", lambda *_: seen)
    failures: list[BaseException] = []

    def attempt() -> None:
        try:
            open_regular(path)
        except OSError as error:
            failures.append(error)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(10)
    assert [type(failure) for failure in failures] == [NotRegular]


def test_regular_files_are_read_through_links_and_only_so_long(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xef\xbb\xbfhello")
    (tmp_path / "link").symlink_to("x")
    assert read_regular(tmp_path / "link", 8) == b"\xef\xbb\xbfhello"
    assert read_text(tmp_path / "x") == "hello"
    with pytest.raises(TooLong, match="it has 8 bytes; at most 7 are read"):
        read_regular(tmp_path / "x", 7)
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "absent")


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"", "empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "a pointer of Git LFS"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html>", "a web page"),
        (b"<HTML lang=en>", "a web page"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied', "a web page"),
        (bytes(512), "nothing but zeros"),
        (b"\x89PNG\r\n\x1a\n", ""),
        (b"PK\x03\x04", ""),
    ],
)
def test_what_was_saved_in_place_of_the_data_is_named(start: bytes, what: str) -> None:
    assert impostor(start).partition(";")[0].startswith(what)
    assert bool(impostor(start)) == bool(what)


def test_two_rules_a_byte_order_mark_is_no_part_of_a_text(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes("\ufeffa/b.jpg 1\r\nc.jpg 2\r\n".encode())
    assert read_text(path).splitlines() == ["a/b.jpg 1", "c.jpg 2"]


def test_what_is_no_utf8_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\nna\xefve\r\n")
    with pytest.raises(UnicodeDecodeError) as caught:
        read_text(path)
    assert reason(caught.value).startswith("line 3 is not UTF-8")
    assert read_text(path, errors="surrogateescape").splitlines()[2] == "na\udcefve"
