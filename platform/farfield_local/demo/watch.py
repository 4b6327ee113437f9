"""Following the submissions until all have ended: bars on a terminal, a line for each change elsewhere."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from farfield_local.demo.entries import Entry

ENDED = ("succeeded", "failed", "cancelled")
HELD = ("preparing", "running", "scoring")
LOOK_SECONDS = 0.5
LOOKING = 0.1  # at most this part of the time: the site has runs to serve
Json = dict[str, Any]


class Source(Protocol):
    """Where the state of submissions comes from."""

    def statuses(self) -> dict[str, str]: ...

    def submission(self, number: str) -> Json: ...


@dataclass(frozen=True, kw_only=True)
class Glance:
    """A submission as it is shown. `part` is how much of the current phase is done, 0..1."""

    status: str
    phase: str = ""
    part: float = 0.0


class View(Protocol):
    """Shows glances."""

    def show(self, number: str, glance: Glance) -> None: ...


class Bars:
    """One bar a submission."""

    def __init__(self, progress: Progress, entries: dict[str, Entry]) -> None:
        self._progress = progress
        self._entries = entries
        self._tasks: dict[str, TaskID] = {}

    def show(self, number: str, glance: Glance) -> None:
        if number not in self._tasks:
            self._tasks[number] = self._progress.add_task(str(self._entries[number]), total=1.0, status="queued")
        task = self._tasks[number]
        self._progress.update(task, completed=glance.part, status=_words(glance))
        if glance.status in ENDED:
            self._progress.stop_task(task)


class Lines:
    """One line for each change of a status."""

    def __init__(self, console: Console, entries: dict[str, Entry]) -> None:
        self._console = console
        self._entries = entries
        self._last: dict[str, str] = {}

    def show(self, number: str, glance: Glance) -> None:
        if self._last.get(number) != glance.status:
            self._last[number] = glance.status
            self._console.print(f"{self._entries[number]}: {glance.status}", markup=False, highlight=False)


class Ends(Lines):
    """One line for each submission that ended."""

    def show(self, number: str, glance: Glance) -> None:
        if glance.status in ENDED:
            super().show(number, glance)


def bars(console: Console) -> Progress:
    """The columns of the bars."""
    columns = (TextColumn("{task.description}"), BarColumn(24), TextColumn("{task.fields[status]}"))
    return Progress(*columns, TimeElapsedColumn(), console=console, refresh_per_second=4)


def follow(
    entries: dict[str, Entry],
    source: Source,
    view: View,
    pause: Callable[[], None],
    seconds: float,
    further: Callable[[], bool] = lambda: False,
) -> dict[str, str]:
    """Show the submissions until all have ended or the time is over; returns their last status by number.

    `further` may add to `entries`, between two looks, and returns whether it will do so again.
    """
    limit = time.monotonic() + seconds
    last = dict.fromkeys(entries, "queued")
    while time.monotonic() < limit:
        some_are_left = further()
        begin = time.monotonic()
        last = {number: last.get(number, "queued") for number in entries}
        _look(last, source, view)
        if not some_are_left and all(status in ENDED for status in last.values()):
            break
        now = time.monotonic()
        resume = now + max(LOOK_SECONDS, (now - begin) * (1 - LOOKING) / LOOKING)
        while time.monotonic() < min(resume, limit):
            pause()
    return last


def _look(last: dict[str, str], source: Source, view: View) -> None:
    now = source.statuses()
    for number, before in last.items():
        if before in ENDED:
            continue
        status = now.get(number) or source.submission(number)["status"]
        last[number] = status  # the key is there: the dictionary keeps its size
        if status in HELD:
            view.show(number, _glance(source.submission(number)))
        else:
            view.show(number, Glance(status=status, part=float(status in ENDED)))


def _glance(submission: Json) -> Glance:
    runs = submission["runs"]
    if len(runs) > 1:
        ended = sum(run["status"] in ENDED for run in runs)
        return Glance(status=submission["status"], phase=f"{ended} of {len(runs)} runs", part=ended / len(runs))
    progress = next((run["progress"] for run in runs if run["progress"]), None)
    if progress is None:
        return Glance(status=submission["status"])
    total = progress["total"]
    return Glance(status=submission["status"], phase=progress["phase"], part=progress["done"] / total if total else 0.0)


def _words(glance: Glance) -> str:
    if glance.status in HELD and glance.phase:
        return f"{glance.status}: {glance.phase} {glance.part:.0%}"
    return glance.status
