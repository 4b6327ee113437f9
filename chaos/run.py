"""One round of chaos: start, submit, break, wait, verify."""

import contextlib
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from chaos.database import ENDED, LEASED, Away, Database
from chaos.disk import Disk, no_disk
from chaos.doubles import KIND as DOUBLED
from chaos.doubles import Doubler
from chaos.faults import FAULTS
from chaos.injector import Injector
from chaos.people import Person, start_people
from chaos.scene import LEASE_SECONDS, Ledger, Scene, running_scene
from chaos.verify import Verdict, verify
from farfield_local import leftovers

Say = Callable[[str], None]
PROGRESS_SECONDS = 10.0
# A report that was lost is noticed when the worker lets go of the run, five minutes after it was sent.
REPORT_LOST_SECONDS = 330.0
FIRST_RUN_SECONDS = 120.0


@dataclass(frozen=True, kw_only=True)
class Options:
    """What to do. `kinds` are keys of FAULTS, `sandbox` a value of FARFIELD_SANDBOX.

    Seconds are means: `every` between submissions, `pause` between faults. Faults end when `share` of the runs has
    ended, or `fault_seconds` after the first run has left the queue: a loaded machine may need all of them until then.
    """

    runs: int
    seed: int
    people: int = 8
    every: float = 0.7
    pause: float = 1.2
    share: float = 0.95
    fault_seconds: float = 420.0
    kinds: tuple[str, ...] = tuple(FAULTS)
    doubles: bool = True
    sandbox: str = "auto"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The verdict, what was injected, and what kept the round itself from its end."""

    verdict: Verdict
    ledger: Ledger
    seconds: float
    problems: tuple[str, ...]


class Monitor(threading.Thread):
    """Knows how many runs are in each state; a thread of its own, because a database may stand still."""

    def __init__(self, database: Database, stop: threading.Event) -> None:
        super().__init__(name="monitor", daemon=True)
        self.counts: dict[str, int] = {}
        self._database, self._stop_event = database, stop

    def run(self) -> None:
        while not self._stop_event.wait(0.5):
            with contextlib.suppress(Away):
                self.counts = self._database.by_status()

    @property
    def ended(self) -> int:
        return sum(self.counts.get(status, 0) for status in ENDED)

    @property
    def begun(self) -> bool:
        """Whether a run has left the queue."""
        return any(self.counts.get(status, 0) for status in (*LEASED, *ENDED))


def run_chaos(options: Options, say: Say, disk: Disk = no_disk) -> Outcome:
    """Raises LocalError when the site itself cannot be kept running."""
    started = time.monotonic()
    with running_scene(options.sandbox, disk) as scene:
        say(f"the site runs at {scene.site.url}; seed {options.seed}, {options.runs} runs, {options.people} people")
        if not scene.full_disk and "full disk" in options.kinds:
            say("no small disk could be mounted (that takes root on Linux): the full disk is left out")
        problems = _play(scene, options, say)
        verdict = verify(scene.database.state(), scene.ledger.accepted, scene.ledger.kills)
        var = scene.site.var
    problems += [f"still alive after the end: {process}" for process in _left_alive(var)]
    return Outcome(verdict=verdict, ledger=scene.ledger, seconds=time.monotonic() - started, problems=tuple(problems))


def _left_alive(var: Path) -> list[psutil.Process]:
    """What the site, or a sandbox of its workers, left behind a few seconds after the end."""
    end = time.monotonic() + 5.0
    while (found := [p for p in psutil.process_iter() if _belongs(p, str(var))]) and time.monotonic() < end:
        time.sleep(0.2)
    return found


def _belongs(process: psutil.Process, var: str) -> bool:
    with contextlib.suppress(psutil.Error):
        named = any(var in word for word in process.cmdline()) or process.environ().get(leftovers.MARK) == var
        return named and process.status() not in leftovers.ENDED
    return False


def _play(scene: Scene, options: Options, say: Say) -> list[str]:
    """Returns what kept the players from their parts."""
    rng = random.Random(options.seed)  # noqa: S311 - a seed is the point
    monitor = Monitor(scene.database, scene.stop)
    rng_of_faults = random.Random(rng.random())  # noqa: S311
    injector = Injector(scene, options.kinds, options.pause, lambda: monitor.ended, rng_of_faults)
    doubler = Doubler(scene, random.Random(rng.random()))  # noqa: S311
    threads: list[threading.Thread] = [monitor, injector, *([doubler] if options.doubles else [])]
    try:
        people = start_people(scene, options.runs, options.people, options.every, rng)
        for thread in threads:
            thread.start()
        _break(scene, options, monitor, injector, say)
        problems = _settle(scene, options, monitor, people, say)
    finally:
        scene.stop.set()
        injector.join(20)
    return [*problems, *filter(None, [injector.problem, *(person.problem for person in people)])]


def _break(scene: Scene, options: Options, monitor: Monitor, injector: Injector, say: Say) -> None:
    """Until enough runs have ended under fire."""
    tell = Teller(say, monitor, scene)
    first = time.monotonic() + FIRST_RUN_SECONDS
    while not monitor.begun and time.monotonic() < first and injector.is_alive():
        scene.site.pause()
        tell()
    end = time.monotonic() + options.fault_seconds
    while monitor.ended < options.share * options.runs and time.monotonic() < end and injector.is_alive():
        scene.site.pause()
        tell()
    injector.enough.set()
    while injector.is_alive():  # the last fault is still being undone
        scene.site.pause()


def _settle(scene: Scene, options: Options, monitor: Monitor, people: list[Person], say: Say) -> list[str]:
    """Wait, without faults, until every run has ended; bounded."""
    say(f"faults have stopped after {monitor.ended} of {options.runs} runs; waiting for the rest")
    bound = REPORT_LOST_SECONDS + 6 * LEASE_SECONDS + 3.0 * (options.runs - monitor.ended)
    end = time.monotonic() + bound
    tell = Teller(say, monitor, scene)
    while time.monotonic() < end:
        if monitor.ended >= options.runs and not any(person.is_alive() for person in people):
            time.sleep(1.0)  # doubles that are still on their way
            return []
        if monitor.ended >= sum(monitor.counts.values()) and any(person.problem for person in people):
            return []
        scene.site.pause()
        tell()
    return [f"not everything had ended {bound:.0f} s after the last fault"]


class Teller:
    """A line of progress now and then."""

    def __init__(self, say: Say, monitor: Monitor, scene: Scene) -> None:
        self._say, self._monitor, self._scene = say, monitor, scene
        self._begin = self._last = time.monotonic()

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self._last >= PROGRESS_SECONDS:
            self._last = now
            states = ", ".join(f"{count} {status}" for status, count in sorted(self._monitor.counts.items()))
            kinds = self._scene.ledger.kinds()
            doubles = kinds.pop(DOUBLED, 0)
            injected = f"{kinds.total()} faults, {doubles} doubled messages"
            self._say(f"{now - self._begin:4.0f} s · {states or 'nothing yet'} · {injected}")
