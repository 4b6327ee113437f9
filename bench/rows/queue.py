"""What one site sustains of its workers with 100,000 runs queued: claims, heartbeats and reports.

Workers' own client asks the site's own server over HTTP, several at once; reports are stored by one process, one after
the other, as the site worker does it. All of it shares the machine's cores.
"""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.dispatch import ENTRIES, grow, start
from bench.filling import BOARD, FINGERPRINT, METHODS
from bench.result import Result
from bench.site import database, server
from bench.timing import timed
from farfield_evaluators.catalog import find
from farfield_evaluators.wire import Claim, Report
from farfield_workers.client import Offer, SiteClient
from farfield_workers.settings import WorkerSettings
from farfield_workers.suites import suite_of

RUNS = 200_000  # every second of which waits
WORKERS, EACH, BEATS = 8, 25, 4
OFFER = Offer(resource="cpu", methods=tuple(f"method-{number}" for number in range(METHODS)), benchmarks=(BOARD,))
TOKEN = "only-for-a-measurement-and-long-enough-to-be-taken"  # noqa: S105 - of a site that lives for minutes
AT_WILL = {"FARFIELD_MAX_RUNNING_RUNS": "0", "FARFIELD_BROKER_URL": "memory://", "FARFIELD_WORKER_TOKEN": TOKEN}


def measure(scratch: Path, *, quick: bool) -> Iterator[Result]:
    """Claims first, then heartbeats of what was claimed, then its reports."""
    runs, each = (1_000, 3) if quick else (RUNS, EACH)
    folder = scratch / "site"
    folder.mkdir()
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each request
    with database(folder) as environment:
        os.environ |= {**environment, **AT_WILL}
        start()
        grow(ENTRIES, runs)
        with server({**environment, **AT_WILL}) as url:
            clients = [SiteClient(_settings(url, number, scratch)) for number in range(WORKERS)]
            claims: list[list[Claim]] = [[] for _ in clients]

            def claim(worker: int) -> None:
                claimed = clients[worker].claim(OFFER)
                if claimed is None:
                    raise SystemExit("nothing could be claimed, and half of the runs wait")
                claims[worker].append(claimed)

            def beat(worker: int) -> None:
                for held in claims[worker][:BEATS]:
                    clients[worker].heartbeat(held, "running", None, "", 0)

            kept = f"{runs // 2:,} runs queued"
            yield _rate(f"claims, {kept}", lambda: _at_once(claim, each), WORKERS * each)
            yield _rate(f"heartbeats, {kept}", lambda: _at_once(beat, each), WORKERS * each * min(BEATS, each))
        yield _rate(f"reports, {kept}", lambda: _store([one for held in claims for one in held]), WORKERS * each)


def _rate(name: str, work: Callable[[], None], count: int) -> Result:
    return Result(row=9, name=name, ours=(count / timed(work),), unit="1/s")


def _at_once(ask: Callable[[int], None], times: int) -> None:
    def often(worker: int) -> None:
        for _ in range(times):
            ask(worker)

    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(often, range(WORKERS)))


def _store(claims: Sequence[Claim]) -> None:
    from farfield_web.runs.reports import store

    if not all(store(_report(claim)) for claim in claims):
        raise SystemExit("the site did not believe a report")


def _report(claim: Claim) -> dict[str, Any]:
    """That the run has succeeded, with a figure for each column of its board."""
    benchmark = find(claim.benchmark)
    scores = tuple(
        {"metric": column.metric, "domain": column.domain, "value": 0.5, "stderr": 0.01, "n": 20}
        for column in benchmark.columns
    )
    return Report(
        run=claim.id, token=claim.token, attempt=claim.attempt, outcome="succeeded", scores=scores,
        comparability_key=benchmark.comparability_key(FINGERPRINT), method_version="1.0", stage="scoring",
        environment={"suite": suite_of(claim.benchmark)}, seconds={"prepare": 0.1, "run": 1.0, "score": 0.1},
    ).as_json()  # fmt: skip


def _settings(url: str, number: int, var: Path) -> WorkerSettings:
    return WorkerSettings(
        name=f"bench-{number}", broker_url="memory://", site_url=url, token=TOKEN,
        var=var, heartbeat_seconds=5, gpu=None,
    )  # fmt: skip
