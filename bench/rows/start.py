"""What it costs to start a run: from the submission of a method that does nothing to its published figures.

Against what no platform of this kind can do without: an empty Celery task on the same broker, and a bare start of the
same sandbox with the same Python. Warm is a run that is like the last two, for which a sandbox waits; cold comes after
another method.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import httpx

from bench.empty_task import BROKER, QUEUE, app, empty
from bench.result import Result
from bench.timing import Seconds, in_turn
from farfield_evaluators.data.demo import demo_root, demo_source
from farfield_evaluators.data.packs import Example, build
from farfield_local.site import Site, running_site
from farfield_workers.sandbox.base import MIB, PYTHON, Ending, Execution, Limits
from farfield_workers.sandbox.choose import choose

BENCHMARK, METHOD = "imagenet-ood/mini", "constant"
OTHER = ("ood-detection/mini", "constant-detector")
GOAL = 1 / 1.5
RUNS, MANY, OF_EACH_SET = 6, 20, 4
READY_SECONDS, WARM_SECONDS, LOOK_SECONDS, TASK_SECONDS = 120.0, 3.0, 0.2, 0.002
PASSWORD = "correct horse battery staple"  # noqa: S105 - of a site that lives for minutes
LIMITLESS = {
    "FARFIELD_QUOTA_SUBMISSIONS": "9999",
    "FARFIELD_MAX_OPEN_RUNS": "9999",
    "FARFIELD_API_CALLS_PER_MINUTE": "0",
}


def measure(scratch: Path, *, quick: bool) -> Iterator[Result]:
    """A site with one evaluation worker, asked over its public API."""
    runs, many = (2, 3) if quick else (RUNS, MANY)
    folder = scratch / "site"
    with contextlib.ExitStack() as held:
        site = held.enter_context(running_site(folder, None, _quiet, lambda: _packs(folder), settings=LIMITLESS))
        author = held.enter_context(_author(site))
        least = _least(scratch, held.enter_context(_empty_task(site.plan.broker)))
        _published(site, author)  # the first of all: the worker and the site have everything loaded

        def cold() -> float:
            _published(site, author, *OTHER)
            return _published(site, author)

        def warm() -> float:
            _resting(site)
            return _published(site, author)

        for state, ours in (("cold", cold), ("warm", warm)):
            _published(site, author)
            mine, peer = _in_turn(ours, least, runs)
            yield Result(
                row=6, name="submitted to published", ours=mine, peer=peer, unit="s", state=state, goal=GOAL,
                peer_name="an empty task and a bare sandbox", peer_version=f"Celery {version('celery')}, bubblewrap",
            )  # fmt: skip
        rate = 60 * many / _all_published(site, author, many)
        yield Result(row=6, name="submissions by one worker", ours=(rate,), unit="submissions/min", state="warm")


def _in_turn(ours: Callable[[], float], peer: Callable[[], object], runs: int) -> tuple[Seconds, Seconds]:
    """As `in_turn`, for work that says itself how long its measured part took."""
    said: list[float] = []
    _, others = in_turn(lambda: said.append(ours()), peer, runs)
    return tuple(said), others


def _least(scratch: Path, empty: Callable[[], object]) -> Callable[[], object]:
    sandbox = choose("bubblewrap", scratch / "worker").sandbox

    def start() -> None:
        with tempfile.TemporaryDirectory(dir=scratch) as name:
            folder = Path(name)
            (folder / "out").mkdir()
            limits = Limits(memory_bytes=512 * MIB, seconds=60)
            bare = Execution(command=(PYTHON, "-c", ""), output=folder / "out", log=folder / "log", limits=limits)
            if sandbox.run(bare, lambda: None).ending is not Ending.COMPLETED:
                raise SystemExit("a bare sandbox did not start")

    def both() -> None:
        empty()
        start()

    return both


@contextlib.contextmanager
def _empty_task(broker: str) -> Iterator[Callable[[], object]]:
    """What sends an empty task and waits until it is done."""
    app.conf.update(broker_url=broker, result_backend=broker)
    command = ("celery", "-A", "bench.empty_task", "worker", "-Q", QUEUE, "-P", "threads", "-c", "1", "-l", "ERROR")
    environment = {**os.environ, BROKER: broker}
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", *command], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        empty.delay().get(timeout=READY_SECONDS)
        yield lambda: empty.delay().get(timeout=READY_SECONDS, interval=TASK_SECONDS)
    finally:
        process.terminate()
        process.wait()


def _packs(folder: Path) -> None:
    """The demo's images, so few of each set that to decode them is nothing."""
    source, taken = demo_source(demo_root()), Counter[str]()
    few = []
    for example in cast(tuple[Example, ...], source.examples):
        taken[example.set] += 1
        few += [example] if taken[example.set] <= OF_EACH_SET else []
    build(replace(source, examples=tuple(few)), folder / "packs")


@contextlib.contextmanager
def _author(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{site.url}/api/v1/", timeout=30, trust_env=False) as api:
        site.wait(lambda: api.get(f"methods/{OTHER[1]}").is_success, READY_SECONDS, "the worker's announcement")
        _done(api.post("accounts", json={"username": "bench", "password": PASSWORD}))
        token = _done(api.post("tokens", json={"name": "bench"}, auth=("bench", PASSWORD)))["token"]
        api.headers["Authorization"] = f"Bearer {token}"
        yield api


def _done(answer: httpx.Response) -> Any:
    if not answer.is_success:
        raise SystemExit(f"{answer.request.url}: {answer.text[:500]}")
    return answer.json()


def _submitted(author: httpx.Client, benchmark: str, method: str) -> str:
    body = {"benchmark": benchmark, "method": method, "track": "open", "config": {}, "again": True}
    return str(_done(author.post("submissions", json=body))["id"])


def _published(site: Site, author: httpx.Client, benchmark: str = BENCHMARK, method: str = METHOD) -> float:
    """Submit, and wait until its figures are there; how many seconds that took."""
    submitted = time.time()
    return _stored_at(site, author, _submitted(author, benchmark, method)) - submitted


def _all_published(site: Site, author: httpx.Client, many: int) -> float:
    submitted = time.time()
    numbers = [_submitted(author, BENCHMARK, METHOD) for _ in range(many)]
    return max(_stored_at(site, author, number) for number in numbers) - submitted


def _stored_at(site: Site, author: httpx.Client, number: str) -> float:
    """When its run and its figures were stored, by the site's clock, which is this machine's."""
    end = time.monotonic() + READY_SECONDS
    while (state := _done(author.get(f"submissions/{number}")))["status"] != "succeeded":
        if state["status"] in ("failed", "cancelled") or time.monotonic() > end:
            raise SystemExit(f"submission {number} is {state['status']}; the logs are in {site.var / 'log'}")
        site.pause()
        time.sleep(LOOK_SECONDS)
    return max(datetime.fromisoformat(run["finished_at"]).timestamp() for run in state["runs"])


def _resting(site: Site) -> None:
    """As between submissions of people: long enough for a sandbox to be there that waits."""
    end = time.monotonic() + WARM_SECONDS
    while time.monotonic() < end:
        site.pause()


def _quiet(line: str) -> None:
    """What a site says of itself while it starts is no result."""
