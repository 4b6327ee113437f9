"""Pages and the API under load: `python -m bench.pages [--entries 1000 10000]`.

A site with so many finished entries on one board, of 100 figures each, on an embedded PostgreSQL and its own server.
Each page is held against a bare view of the same server that does one query: the ratio of their 95th percentiles, with
several clients at once, who are not signed in. `made anew` is a single request after an entry of the board has changed
and the site worker has ranked it, when nothing is kept; `ranking too` is one that comes before the site worker has.
"""

import argparse
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from bench.filling import Filled, fill
from bench.load import timed
from farfield_local.services import start_postgres

CLIENTS, CHANGES, START_SECONDS = 4, 5, 90.0
ENTRIES = (1_000, 10_000)
MOST, MOST_GROWTH = 3.0, 1.5  # times the bare view, and times what a tenth of the entries takes
BARE = "bare view"
FILTERS = (
    "author=person-3",
    "set=steps:3&kind=configuration",
    "q=method-1",
    "badge=verified&order=worst",
    "page=3&q=entry",
)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Milliseconds of a page: the median and the 95th percentile under load, and the medians after a change."""

    median: float
    p95: float
    anew: float
    ranking: float


def main() -> None:
    parser = argparse.ArgumentParser(description="Pages and the API under load.")
    parser.add_argument("--entries", type=int, nargs="+", default=list(ENTRIES))
    parser.add_argument("--clients", type=int, default=CLIENTS)
    arguments = parser.parse_args()
    found = {}
    for entries in arguments.entries:
        script = [sys.executable, "-m", "bench.pages_of", str(entries), str(arguments.clients)]
        answer = subprocess.run(script, check=True, stdout=subprocess.PIPE, text=True)
        found[entries] = {name: Measured(**values) for name, values in json.loads(answer.stdout).items()}
        print(report(entries, found[entries], arguments.clients), flush=True)
    if len(found) > 1:
        print(growth(found))


def report(entries: int, pages: Mapping[str, Measured], clients: int) -> str:
    """A line for each page."""
    bare = pages[BARE]
    lines = [f"{entries:,} entries, {clients} clients{'':<12} median      p95  x bare (p95)  made anew  ranking too"]
    for name, one in pages.items():
        ratio = one.p95 / bare.p95
        over = f"  over {MOST:g}" if ratio > MOST else ""
        lines.append(
            f"{name:<32} {one.median:7.1f} ms {one.p95:7.1f} ms  x{ratio:5.2f}     "
            f"{one.anew:7.1f} ms {one.ranking:8.1f} ms{over}"
        )
    return "\n".join(lines)


def growth(found: Mapping[int, Mapping[str, Measured]]) -> str:
    """How much more the most entries take than the fewest."""
    few, many = min(found), max(found)
    lines = [f"from {few:,} to {many:,} entries{'':<8} p95   made anew  ranking too"]
    for name, one in found[many].items():
        before = found[few][name]
        grown = one.p95 / before.p95
        over = f"  over {MOST_GROWTH:g}" if grown > MOST_GROWTH else ""
        anew, ranking = one.anew / before.anew, one.ranking / before.ranking
        lines.append(f"{name:<32} x{grown:5.2f}   x{anew:5.2f}   x{ranking:5.2f}{over}")
    return "\n".join(lines)


def measured(entries: int, clients: int) -> dict[str, Measured]:
    """Fill a site, serve it, and load it."""
    with tempfile.TemporaryDirectory() as folder, database(Path(folder)) as environment:
        os.environ |= environment  # before Django reads its settings
        filled = _filled(entries)
        pages = pages_of(filled)
        with _server(environment) as url:
            _load(url, list(pages.values()), clients)  # warm
            seconds = _load(url, list(pages.values()), clients)
            anew = _after_changes(url, pages, filled, ranked=True)
            ranking = _after_changes(url, pages, filled, ranked=False)
    return {
        name: Measured(
            median=1000 * statistics.median(own),
            p95=1000 * statistics.quantiles(own, n=20)[-1],
            anew=1000 * statistics.median(anew[name]),
            ranking=1000 * statistics.median(ranking[name]),
        )
        for name, own in zip(pages, seconds, strict=True)
    }


def pages_of(filled: Filled) -> dict[str, list[str]]:
    """The paths of each page; of methods and submissions several, of the board the first pages."""
    board = f"/boards/{filled.board}/"
    return {
        BARE: [f"/bare/?key={key}" for key in filled.submissions],
        "home": ["/"],
        "board": [board, *(f"{board}?page={page}" for page in range(2, 6))],
        "board, filtered": [f"{board}?{asked}" for asked in FILTERS],
        "API board": [f"/api/v1/leaderboards/{filled.board}?page={page}" for page in range(1, 6)],
        "method page": [f"/methods/{name}/" for name in filled.methods],
        "submission page": [f"/submissions/{key}/" for key in filled.submissions],
        "compare": [f"/compare/?entries={one}&entries={other}" for one, other in pairwise(filled.submissions[:6])],
        "standings": [f"/standings/?benchmarks={filled.board}", f"/standings/?benchmarks={filled.board}&by=win-rate"],
    }


@contextmanager
def database(folder: Path) -> Iterator[Mapping[str, str]]:
    service = start_postgres(folder / "postgres", log=folder / "postgres.log")
    values = {
        "FARFIELD_DATABASE_URL": service.url,
        "FARFIELD_SECRET_KEY": "only for a measurement, and long enough to be taken as one",
        "FARFIELD_WORKER_TOKEN": "only for a measurement, and long enough to be taken as one",
        "FARFIELD_BROKER_URL": f"redis+socket://{folder}/none",  # nothing is sent by those who look
        "FARFIELD_VAR": str(folder / "var"),
        "FARFIELD_HTTPS": "0",
        "FARFIELD_PROXIES": "1",
        "DJANGO_SETTINGS_MODULE": "bench.site_settings",
    }
    try:
        yield values
    finally:
        service.stop()


def _filled(entries: int) -> Filled:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    return fill(entries)


@contextmanager
def _server(environment: Mapping[str, str]) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "farfield_web.serving", where]
    process = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        _wait(where)
        yield f"http://{where}"
    finally:
        process.terminate()
        process.wait()


def _wait(where: str) -> None:
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit:
        try:
            server = http.client.HTTPConnection(where)
            server.request("GET", "/health/")
            server.getresponse().read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the site did not start")


def _load(url: str, pages: Sequence[Sequence[str]], clients: int) -> list[list[float]]:
    script = [sys.executable, "-m", "bench.load", url, str(clients)]
    answer = subprocess.run(script, input=json.dumps(pages), check=True, stdout=subprocess.PIPE, text=True)
    seconds: list[list[float]] = json.loads(answer.stdout)
    return seconds


def _after_changes(
    url: str, pages: Mapping[str, Sequence[str]], filled: Filled, *, ranked: bool
) -> dict[str, list[float]]:
    """Each page once after each of some changes of the board, ranked by the site worker's own work or by who comes."""
    from farfield_web.leaderboards.models import BoardChange
    from farfield_web.leaderboards.tasks import rank

    server, draws = http.client.HTTPConnection(urlsplit(url).netloc), random.Random(0)  # noqa: S311 - no secret
    seconds: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(CHANGES):
        for name, paths in pages.items():
            BoardChange.objects.create(benchmark=filled.board, tier="", submission=filled.submissions[0])
            if ranked:
                rank(filled.board, "")
            seconds[name].append(timed(server, paths[0], draws))
    return seconds


if __name__ == "__main__":
    main()
