"""Processes that an earlier start left behind, found by what they are rather than by a number that may be reused."""

import contextlib
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil

MARK = "FARFIELD_SUPERVISED"
ENDED = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
KILL_SECONDS = 5.0
Find = Callable[[], list[psutil.Process]]


def in_folder(name: str, folder: Path) -> list[psutil.Process]:
    """Processes called `name` whose working directory is `folder`, as that of every PostgreSQL process is its data."""
    return _find(lambda process: process.name() == name and Path(process.cwd()) == folder)


def marked(var: Path) -> list[psutil.Process]:
    """Processes that a supervisor of `var` started, and what they started in turn."""
    return _find(lambda process: process.environ().get(MARK) == str(var))


def end(find: Find, first: signal.Signals, grace: float) -> None:
    """Ask those found with `first`; after `grace` seconds kill those that are still found."""
    _send(find(), first)
    _wait_gone(find, grace)
    _send(find(), signal.SIGKILL)
    _wait_gone(find, KILL_SECONDS)


def _wait_gone(find: Find, seconds: float) -> None:
    limit = time.monotonic() + seconds
    while find() and time.monotonic() < limit:
        time.sleep(0.05)


def _find(matches: Callable[[psutil.Process], bool]) -> list[psutil.Process]:
    me = psutil.Process()
    spared = {me.pid, *(parent.pid for parent in me.parents())}
    return [p for p in psutil.process_iter() if p.pid not in spared and _safely(matches, p)]


def _safely(matches: Callable[[psutil.Process], bool], process: psutil.Process) -> bool:
    """A process that has just ended, or that belongs to somebody else, is none of ours."""
    try:
        return matches(process) and process.status() not in ENDED
    except (psutil.Error, OSError):
        return False


def _send(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.send_signal(number)
