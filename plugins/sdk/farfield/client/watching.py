"""Following an entry until it ends: what changed since the last look, through connections that are lost."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from farfield.client.answers import Entry, Event
from farfield.client.errors import SiteUnreachable

EVERY = 2.0
PATIENCE = 600.0


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An entry as it was last seen, the events since the look before, and why the site does not answer, if so."""

    entry: Entry
    events: tuple[Event, ...] = ()
    lost: str = ""


class Watch:
    """Looks at one entry. `look` gives it, `timeline` the events of a run."""

    def __init__(
        self,
        look: Callable[[], Entry],
        timeline: Callable[[str], list[Event]],
        *,
        every: float = EVERY,
        patience: float = PATIENCE,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look, self._timeline = look, timeline
        self._every, self._patience, self._sleep, self._clock = every, patience, sleep, clock
        self._marks: dict[str, tuple[Any, ...]] = {}
        self._told: dict[str, int] = {}

    def __iter__(self) -> Iterator[Seen]:
        """Until the entry has ended. Raises SiteUnreachable at first, and after `patience` seconds of none."""
        entry, answered = None, self._clock()
        while True:
            try:
                looked = self._look()
                events = self._news(looked)
            except SiteUnreachable as error:
                if entry is None or self._clock() - answered > self._patience:
                    raise
                yield Seen(entry=entry, lost=str(error))
            else:
                entry, answered = looked, self._clock()
                yield Seen(entry=entry, events=events)
                if entry.ended:
                    return
            self._sleep(self._every)

    def _news(self, entry: Entry) -> tuple[Event, ...]:
        """Only of runs to which something happened: an entry may have hundreds. All of it, or nothing is told yet."""
        changed = [run for run in entry.runs if self._marks.get(run.number) != run.mark]
        timelines = {run.number: self._timeline(run.number) for run in changed}
        news = [event for number, events in timelines.items() for event in events[self._told.get(number, 0) :]]
        self._told |= {number: len(events) for number, events in timelines.items()}
        self._marks |= {run.number: run.mark for run in changed}
        return tuple(news)
