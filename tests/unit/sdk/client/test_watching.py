"""An entry is followed to its end, each event told once, through connections that are lost."""

from typing import Any

import pytest

from farfield.client import Entry, Event, SiteUnreachable
from farfield.client.watching import Watch

NUMBER = "5f0c8f3e-0000-4000-8000-000000000001"


def entry(status: str, *runs: tuple[str, str]) -> Entry:
    listed = [
        {"id": number, "title": number, "status": state, "status_at": state, "attempt": 1, "failure": None}
        for number, state in runs
    ]
    named = {"id": NUMBER, "page": "", "benchmark": "b", "display_name": "m", "title": "", "created_at": ""}
    return Entry.read({**named, "status": status, "runs": listed})


class There:
    """Looks in turn; what is an exception is raised. Each look at a timeline finds an event more."""

    def __init__(self, *looks: Entry | Exception) -> None:
        self.looks, self.now = list(looks), 0.0
        self.timelines = dict[str, int]()

    def look(self) -> Entry:
        seen = self.looks.pop(0)
        if isinstance(seen, Exception):
            raise seen
        return seen

    def timeline(self, run: str) -> list[Event]:
        self.timelines[run] = self.timelines.get(run, 0) + 1
        return [Event(run=run, at="", kind=f"event {n}", attempt=1, message="") for n in range(self.timelines[run])]

    def watch(self, **limits: float) -> Watch:
        return Watch(self.look, self.timeline, sleep=self._sleep, clock=lambda: self.now, **limits)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds


def told(watch: Watch) -> list[tuple[str, list[str], bool]]:
    return [(seen.entry.status, [f"{e.run} {e.kind}" for e in seen.events], bool(seen.lost)) for seen in watch]


def test_each_event_is_told_once_and_only_changed_runs_are_asked_for() -> None:
    there = There(
        entry("running", ("a", "queued"), ("b", "queued")),
        entry("running", ("a", "running"), ("b", "queued")),
        entry("succeeded", ("a", "succeeded"), ("b", "queued")),
    )
    assert told(there.watch()) == [
        ("running", ["a event 0", "b event 0"], False),
        ("running", ["a event 1"], False),
        ("succeeded", ["a event 2"], False),
    ]
    assert there.timelines == {"a": 3, "b": 1}


def test_a_lost_connection_is_told_and_waited_out() -> None:
    lost: Any = SiteUnreachable("gone")
    there = There(entry("queued"), lost, lost, entry("failed"))
    assert told(there.watch()) == [
        ("queued", [], False),
        ("queued", [], True),
        ("queued", [], True),
        ("failed", [], False),
    ]


def test_patience_ends() -> None:
    there = There(entry("queued"), *[SiteUnreachable("gone")] * 10)
    with pytest.raises(SiteUnreachable):
        told(there.watch(every=2.0, patience=5.0))
    assert there.now > 5.0


def test_what_was_never_there_is_not_waited_for() -> None:
    with pytest.raises(SiteUnreachable):
        told(There(SiteUnreachable("gone")).watch())
