"""Pages at one number of entries, in a process of its own, whose Django knows one database.

`python -m bench.pages_of FOLDER ENTRIES ROUNDS` prints milliseconds by page. Each page is asked for by several clients
at once, who are not signed in: the 95th percentile of each round. `anew` is one request after an entry
of the board has changed and the site worker has ranked it, when nothing is kept; `ranking` one that comes before the
site worker has.
"""

import http.client
import json
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from bench.filling import Filled, fill
from bench.load import timed
from bench.site import database, server

BARE, CLIENTS, CHANGES = "bare view", 4, 3
FILTERS = (
    "author=person-3",
    "set=steps:3&kind=configuration",
    "q=method-1",
    "badge=verified&order=worst",
    "page=3&q=entry",
)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Milliseconds of a page."""

    p95: tuple[float, ...]  # under load, of each round
    anew: tuple[float, ...]  # of each change
    ranking: tuple[float, ...]


def measured(folder: Path, entries: int, rounds: int) -> dict[str, Measured]:
    """Fill a site, serve it, and load it."""
    with database(folder) as environment:
        os.environ |= environment  # before Django reads its settings
        filled = _filled(entries)
        pages = pages_of(filled)
        with server(environment) as url:
            _load(url, list(pages.values()))  # warm
            loaded = [_load(url, list(pages.values())) for _ in range(rounds)]
            anew = _after_changes(url, pages, filled, ranked=True)
            ranking = _after_changes(url, pages, filled, ranked=False)
    return {
        name: Measured(
            p95=tuple(1000 * statistics.quantiles(seconds, n=20)[-1] for seconds in own),
            anew=anew[name],
            ranking=ranking[name],
        )
        for name, own in zip(pages, zip(*loaded, strict=True), strict=True)
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


def _filled(entries: int) -> Filled:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    return fill(entries)


def _load(url: str, pages: Sequence[Sequence[str]]) -> list[list[float]]:
    script = [sys.executable, "-m", "bench.load", url, str(CLIENTS)]
    answer = subprocess.run(script, input=json.dumps(pages), check=True, stdout=subprocess.PIPE, text=True)
    seconds: list[list[float]] = json.loads(answer.stdout)
    return seconds


def _after_changes(
    url: str, pages: Mapping[str, Sequence[str]], filled: Filled, *, ranked: bool
) -> dict[str, tuple[float, ...]]:
    """Each page once after each of some changes of the board, ranked by the site worker's own work or by who comes."""
    from farfield_web.leaderboards.models import BoardChange
    from farfield_web.leaderboards.tasks import rank

    connection, draws = http.client.HTTPConnection(urlsplit(url).netloc), random.Random(0)  # noqa: S311 - no secret
    seconds: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(CHANGES):
        for name, paths in pages.items():
            BoardChange.objects.create(benchmark=filled.board, tier="", submission=filled.submissions[0])
            if ranked:
                rank(filled.board, "")
            seconds[name].append(timed(connection, paths[0], draws))
    return {name: tuple(1000 * value for value in own) for name, own in seconds.items()}


if __name__ == "__main__":
    of_pages = measured(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    print(json.dumps({name: asdict(own) for name, own in of_pages.items()}))
