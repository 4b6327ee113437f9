"""What answers a run, when the run ends before an answer is there."""

import os
import threading
from pathlib import Path

import pytest

from farfield.runtime.pipes import ASK
from farfield_workers import serving
from farfield_workers.serving import Server

PATIENCE = 10.0


class Slow(Server):
    """Answers when it is let go, and by then the run may be over."""

    request_bytes, broken, noun = 1, "platform.features", "slow answers"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.asked, self.go, self.closed = threading.Event(), threading.Event(), threading.Event()
        self.sent: list[bool] = []

    def answer(self, request: bytes) -> None:
        self.asked.set()
        assert self.go.wait(PATIENCE)
        self.sent.append(self.pipes.send(b"of this run"))

    def close(self) -> None:
        self.closed.set()


def open_in(folder: Path) -> list[str]:
    """The files below a folder that this process has open."""
    links = [str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    return [link for link in links if link.startswith(str(folder))]


def test_an_answer_that_outlasts_its_run_reaches_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as it is not there its pipes' numbers are nobody else's."""
    monkeypatch.setattr(serving, "ENDING_SECONDS", 0.05)
    slow = Slow(tmp_path)
    with slow:
        ask = os.open(tmp_path / ASK, os.O_WRONLY)
        os.write(ask, b"?")
        os.close(ask)
        assert slow.asked.wait(PATIENCE)
    next_run = [os.pipe2(os.O_NONBLOCK) for _ in range(8)]
    assert not slow.closed.is_set()
    assert len(open_in(tmp_path)) == 2
    slow.go.set()
    assert slow.closed.wait(PATIENCE)
    assert slow.sent == [False]
    for read, write in next_run:
        with pytest.raises(BlockingIOError):
            os.read(read, 1)
        os.close(read)
        os.close(write)
    slow.check()
    assert open_in(tmp_path) == []
