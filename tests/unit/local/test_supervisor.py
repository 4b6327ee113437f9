"""The supervisor starts again what died, a limited number of times, and says so."""

import time
from pathlib import Path

import pytest

from farfield_local import logs
from farfield_local import supervisor as supervising
from farfield_local.child import Child, Command
from farfield_local.errors import ChildFailed
from farfield_local.supervisor import MAX_RESTARTS, Supervisor


def part(folder: Path, script: str) -> Command:
    return Command(name="part", args=("/bin/sh", "-c", script), log=folder / "part.log", folder=folder, env={})


def check_for(supervisor: Supervisor, seconds: float) -> None:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        supervisor.check()
        time.sleep(0.01)


def test_a_part_that_died_is_started_again_and_that_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    command = part(tmp_path, f"[ -e {tmp_path}/once ] && exec sleep 60; touch {tmp_path}/once; exit 7")
    first = supervisor.add("part", lambda: Child(command)).pid
    check_for(supervisor, 0.5)
    assert supervisor.pids()["part"] != first
    assert said == [f"the part ended (status 7); starting it again. Its log: {tmp_path}/part.log"]
    supervisor.stop()


def test_one_that_keeps_dying_is_given_up_with_the_end_of_its_log(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    command = part(tmp_path, "echo cannot go on; exit 7")
    supervisor.add("part", lambda: Child(command))
    with pytest.raises(ChildFailed, match=r"status 7 and was started again 3 times[\s\S]*cannot go on"):
        check_for(supervisor, 10)
    assert len(said) == MAX_RESTARTS
    supervisor.stop()


def test_operating_the_logs_of_running_parts_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 1000)
    monkeypatch.setattr(supervising, "LOGS_EVERY_SECONDS", 0.05)
    supervisor = Supervisor(print)
    command = part(tmp_path, "while :; do echo 0123456789012345678901234567890123456789; sleep 0.001; done")
    supervisor.add("part", lambda: Child(command))
    check_for(supervisor, 2)
    supervisor.stop()
    assert {path.name for path in tmp_path.iterdir()} == {"part.log", "part.log.1", "part.log.2"}
    assert (tmp_path / "part.log").stat().st_size < 20_000


def test_the_end_is_quick_and_may_be_repeated(tmp_path: Path) -> None:
    supervisor = Supervisor(print)
    command = part(tmp_path, "trap '' TERM; while :; do sleep 0.05; done")
    children = [supervisor.add(f"part {i}", lambda: Child(command)) for i in range(3)]
    time.sleep(0.2)
    begin = time.monotonic()
    supervisor.stop(grace=0.3)
    assert time.monotonic() - begin < 2
    assert all(child.status() is not None for child in children)
    supervisor.stop()
