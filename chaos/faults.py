"""The faults. Each does one thing to the scene, notes it in the ledger, and leaves nothing stopped behind.

A fault returns whether it found something to do. They are called one after the other, from one thread.
"""

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
from celery import Celery

from chaos.database import LEASED, Away, Held
from chaos.scene import LEASE_SECONDS, SECOND, WORKERS, Scene
from chaos.verify import Kill
from farfield_local import leftovers
from farfield_local.processes import WEB
from farfield_local.services.redis import answers

Fault = Callable[[Scene, random.Random], bool]
HUNT_SECONDS = 6.0
HUNT_EVERY = 0.004
BACK_SECONDS = 60.0
STORE_REPORT = "farfield_web.runs.tasks.store_report"
HOUR = 3600


def kill_worker(state: str) -> Fault:
    """kill -9 of an evaluation worker while a run it holds is in this state; `queued`: while it holds none."""
    kind = "worker killed"

    def fault(scene: Scene, rng: random.Random) -> bool:
        names = rng.sample(list(WORKERS), len(WORKERS))
        with _reports_wait(scene) if state == "scoring" and rng.random() < 0.5 else contextlib.nullcontext():
            worker = _hunt(scene, lambda held: _target(state, names, _alive(scene, held)))
            if worker is None or not _kill(scene.pid(WORKERS[worker])):
                return False
            # Nobody moves a dead worker's runs before their leases end, so this is what they were in.
            held = [entry for entry in _alive(scene, scene.database.held()) if entry[1] == worker]
        scene.ledger.tokens += [(run, token, 0) for run, _, _, token in held]
        for status in {status for _, _, status, _ in held} or {"queued"}:
            scene.ledger.note(kind, status)
        return True

    return fault


def kill_runner(scene: Scene, rng: random.Random) -> bool:
    """kill -9 of the sandboxed process alone, once its method has printed something."""
    query = """SELECT r.worker, r.token FROM runs_run r JOIN runs_runlog l ON l.run_id = r.id AND l.attempt = r.attempt
               WHERE r.status = 'running' AND l.length > 0"""
    found: list[tuple[str, str]] = []

    def printed() -> bool:
        found[:] = [(worker, token) for worker, token in scene.database.ask(query)]
        return bool(found)

    if not scene.wait_for(printed, HUNT_SECONDS, 0.05):
        return False
    worker, token = rng.choice(found)
    runners = _runners(scene.pid(WORKERS[worker]))
    if not printed() or (worker, token) not in found:
        return False  # those may be processes of the next run, which has printed nothing yet
    # Noted before it is done: the run may be over before this returns.
    scene.ledger.kills.append(Kill(worker, time.time()))
    if not [pid for pid in runners if _kill(pid)]:
        return False
    scene.ledger.note("sandboxed process killed", "running")
    return True


def kill_part(part: str) -> Fault:
    """kill -9 of a process of the site."""

    def fault(scene: Scene, rng: random.Random) -> bool:
        before = _busiest(scene)
        if _kill(scene.pid(part)):
            scene.ledger.note(f"{part} killed", before)
        return True

    return fault


def worker_asleep(scene: Scene, rng: random.Random) -> bool:
    """An evaluation worker stands still until after its lease, then goes on as if nothing had been."""
    worker = _hunt(scene, lambda held: next((who for _, who, status, _ in held if status in LEASED), None))
    if worker is None:
        return False
    with _stopped([scene.pid(WORKERS[worker])]):
        held = [(run, status, token) for run, who, status, token in scene.database.held() if who == worker]
        scene.stop.wait(LEASE_SECONDS + 3)
    for run, status, token in held:
        scene.ledger.tokens.append((run, token, 0))
        scene.ledger.note("worker asleep past its lease", status)
    return True


def kill_broker(scene: Scene, rng: random.Random) -> bool:
    """kill -9 of Redis: its messages are gone."""
    before = _busiest(scene)
    _kill(scene.pid("message queue"))
    scene.ledger.note("broker killed", before)
    return _back(scene, lambda: answers(scene.broker), "the broker")


def stop_broker(scene: Scene, rng: random.Random) -> bool:
    """Redis stands still for some seconds."""
    scene.ledger.note("broker stopped for seconds", _busiest(scene))
    with _stopped([scene.pid("message queue")]):
        scene.stop.wait(rng.uniform(1, 4))
    return True


def kill_database(scene: Scene, rng: random.Random) -> bool:
    """kill -9 of every PostgreSQL process."""
    before = _busiest(scene)
    for pid in _postgres(scene):
        _kill(pid)
    scene.ledger.note("database killed", before)
    return _back(scene, scene.database.answers, "the database")


def stop_database(scene: Scene, rng: random.Random) -> bool:
    """PostgreSQL stands still for some seconds."""
    scene.ledger.note("database stopped for seconds", _busiest(scene))
    with _stopped(_postgres(scene)):
        scene.stop.wait(rng.uniform(1, 4))
    return _back(scene, scene.database.answers, "the database")


def late_report(scene: Scene, rng: random.Random) -> bool:
    """A report of a success that never was, under a token that has been taken away."""
    current = {run: token for run, _, _, token in scene.database.held()}
    old = [(run, token, used) for run, token, used in scene.ledger.tokens if current.get(run) != token and not used]
    if not old:
        return False
    run, token, _ = rng.choice(old)
    scene.ledger.tokens[scene.ledger.tokens.index((run, token, 0))] = (run, token, 1)
    forged = {"metric": "accuracy", "domain": "id", "value": 0.987654321, "stderr": None, "n": 1}
    report = {"run": run, "token": token, "attempt": 1, "outcome": "succeeded", "scores": [forged], "log": "forged"}
    send_report(scene, report)
    scene.ledger.note("late report with an old token", "leased again" if run in current else "queued or ended")
    return True


def full_disk(scene: Scene, rng: random.Random) -> bool:
    """The workers' scratch and every log file have no room for some seconds."""
    if not scene.full_disk:
        return False
    fillers = [scene.site.var / part / "chaos-filler" for part in ("scratch", "log")]
    scene.ledger.note("disk full", _busiest(scene))
    try:
        for filler in fillers:
            _fill(filler)
        scene.stop.wait(rng.uniform(1.5, 3))
    finally:
        for filler in fillers:
            filler.unlink(missing_ok=True)
    return True


def wrong_clock(scene: Scene, rng: random.Random) -> bool:
    """The second worker is started again with a clock that is an hour ahead, an hour behind, or right again."""
    scene.clock.shift = rng.choice([shift for shift in (-HOUR, 0, HOUR) if shift != scene.clock.shift])
    names = {-HOUR: "an hour behind", 0: "right again", HOUR: "an hour ahead"}
    _kill(scene.pid(SECOND))
    scene.ledger.note("worker's clock set", names[scene.clock.shift])
    return True


# Kind -> (the fault, how often it is to come, relative to the others).
FAULTS: dict[str, tuple[Fault, int]] = {
    "worker killed, queued": (kill_worker("queued"), 2),
    "worker killed, preparing": (kill_worker("preparing"), 3),
    "worker killed, running": (kill_worker("running"), 3),
    "worker killed, scoring": (kill_worker("scoring"), 4),
    "runner": (kill_runner, 3),
    "asleep": (worker_asleep, 1),
    "site worker": (kill_part("site worker"), 3),
    "clock process": (kill_part("clock"), 1),
    "web": (kill_part(WEB), 2),
    "broker": (kill_broker, 2),
    "broker stopped": (stop_broker, 2),
    "database": (kill_database, 2),
    "database stopped": (stop_database, 2),
    "late report": (late_report, 3),
    "full disk": (full_disk, 2),
    "wrong clock": (wrong_clock, 2),
}


def send_report(scene: Scene, report: dict[str, object]) -> None:
    """Through the real broker, as a worker would."""
    app = Celery("chaos", broker=scene.site.plan.broker, set_as_current=False)
    with app.connection_for_write() as connection:
        app.send_task(STORE_REPORT, args=[report], queue="site", connection=connection, ignore_result=True)


def _hunt(scene: Scene, find: Callable[[Held], str | None]) -> str | None:
    """Look at the held runs, very often, until `find` finds its worker among them."""
    end = time.monotonic() + HUNT_SECONDS
    with scene.database.watched() as held:
        while time.monotonic() < end and not scene.stop.wait(HUNT_EVERY):
            worker = find(held())
            if worker is not None:
                return worker
    return None


def _alive(scene: Scene, held: Held) -> Held:
    """Without the runs of workers that were killed: those wait for the end of their leases."""
    dead = {token for _, token, _ in scene.ledger.tokens}
    return [entry for entry in held if entry[3] not in dead]


def _target(state: str, names: list[str], held: Held) -> str | None:
    if state == "queued":
        idle = set(names) - {worker for _, worker, _, _ in held}
        return next((name for name in names if name in idle), None)
    return next((worker for _, worker, status, _ in held if status == state and worker in names), None)


def _busiest(scene: Scene) -> str:
    """The furthest state that some run is in right now."""
    with contextlib.suppress(Away):
        states = {status for _, _, status, _ in scene.database.held()}
        return next((state for state in reversed(LEASED) if state in states), "queued")
    return "unknown"


def _kill(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def _runners(worker: int) -> list[int]:
    """The sandboxed Python processes below a worker that have printed, whatever the sandbox put in between."""
    with contextlib.suppress(psutil.Error):
        below = psutil.Process(worker).children(recursive=True)
        return [p.pid for p in below if _is_runner(p) and _has_printed(p)]
    return []


def _has_printed(runner: psutil.Process) -> bool:
    """Whether the log beside its output folder, which one of its launchers names, holds anything yet."""
    with contextlib.suppress(psutil.Error):
        words = [word for one in (runner, *runner.parents()) for word in one.cmdline()]
        logs = [Path(word).with_name("log.txt") for word in words if word.endswith("/out") and "/scratch/" in word]
        return any(log.exists() and log.stat().st_size > 0 for log in logs)
    return False


def _is_runner(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error, IndexError):
        words = process.cmdline()
        return "python" in Path(words[0]).name and words[1:3] == ["-m", "farfield.runner"]
    return False


def _postgres(scene: Scene) -> list[int]:
    return [p.pid for p in leftovers.in_folder("postgres", scene.site.var / "postgres" / "data")]


@contextlib.contextmanager
def _stopped(pids: list[int]) -> Iterator[None]:
    """They stand still meanwhile, and go on whatever happens."""
    try:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def _reports_wait(scene: Scene) -> Iterator[None]:
    """The site worker stands still, so that a run stays in `scoring` with its report on the way."""
    with _stopped([scene.pid("site worker")]):
        yield


def _back(scene: Scene, there: Callable[[], bool], what: str) -> bool:
    if not scene.wait_for(there, BACK_SECONDS) and not scene.stop.is_set():
        raise RuntimeError(f"{what} did not come back within {BACK_SECONDS:.0f} s")
    return True


def _fill(path: Path) -> None:
    """Write until the disk is full."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(b"\0" * (1 << 20)):
            pass
