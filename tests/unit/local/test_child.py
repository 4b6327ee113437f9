"""Children: they write to their log, stop when asked, and end with their parent."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from farfield_local.child import Child, Command

PARENT = """
import sys, time
from pathlib import Path
from farfield_local.child import Child, Command
folder = Path(sys.argv[1])
child = Child(Command(name="sleeper", args=("/bin/sleep", "60"), log=folder / "log", folder=folder, env={}))
print(child.pid, flush=True)
time.sleep(60)
"""


def command(folder: Path, *args: str, **options: object) -> Command:
    return Command(name="child", args=args, log=folder / "child.log", folder=folder, env={}, **options)  # type: ignore[arg-type]


def wait_ended(pid: int, seconds: float = 5.0) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def test_its_output_goes_to_the_log(tmp_path: Path) -> None:
    child = Child(command(tmp_path, "/bin/sh", "-c", "echo said; echo wrong >&2; exit 3"))
    assert child.wait(10) == 3
    assert (tmp_path / "child.log").read_text() == "said\nwrong\n"


def test_it_sees_the_given_environment_only(tmp_path: Path) -> None:
    child = Child(command(tmp_path, "/usr/bin/env"))
    child.wait(10)
    names = {line.split("=")[0] for line in (tmp_path / "child.log").read_text().splitlines()}
    assert names <= {"LC_CTYPE"}  # which Python sets for itself


def test_one_that_does_not_listen_is_killed_after_the_grace(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    child = Child(command(tmp_path, "/bin/sh", "-c", f"trap '' TERM; touch {ready}; while :; do sleep 0.1; done"))
    while not ready.exists():
        time.sleep(0.01)
    child.stop(0.2)
    assert child.status() == -signal.SIGKILL


def test_stopping_takes_its_children_too(tmp_path: Path) -> None:
    child = Child(command(tmp_path, "/bin/sh", "-c", "sleep 60 & echo $!; wait"))
    while not (number := (tmp_path / "child.log").read_text().strip()):
        time.sleep(0.01)
    child.stop(1.0)
    assert wait_ended(int(number))


def test_it_ends_with_its_parent_even_on_kill_9(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        number = int(parent.stdout.readline())
        assert psutil.Process(number).is_running()
        os.kill(parent.pid, signal.SIGKILL)
        assert wait_ended(number)


def test_starting_it_again_appends_to_the_log(tmp_path: Path) -> None:
    for _ in range(2):
        Child(command(tmp_path, "/bin/echo", "line")).wait(10)
    assert (tmp_path / "child.log").read_text() == "line\nline\n"
