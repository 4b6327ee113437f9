"""From a running site to published boards."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from farfield_evaluators.catalog import catalog
from farfield_evaluators.data.packs import is_imported
from farfield_evaluators.suite import ImportRequest
from farfield_local.demo.api import Api
from farfield_local.demo.author import NAME, Author
from farfield_local.demo.boards import print_board, unpublished
from farfield_local.demo.cells import PACK as CELLS
from farfield_local.demo.cells import import_cells
from farfield_local.demo.entries import BOARDS, EVERY, Entry, Part, boards, entries
from farfield_local.demo.scenes import import_scenes
from farfield_local.demo.submitting import Submitting
from farfield_local.demo.watch import ENDED, Bars, Ends, Lines, bars, follow
from farfield_local.errors import DemoFailed
from farfield_local.site import Site

ANNOUNCE_SECONDS = 120.0
LOOK_SECONDS = 0.5
TIME_OVER = "when the time was over (--timeout gives it more)"
PACKS = (
    "farfield-mini",
    "domainbed/styles",
    "groups-drawings",
    "longtail-drawings",
    "adaptation-drawings",
    "rdfsl-drawings",
)
Json = dict[str, Any]


def import_packs(var: Path, console: Console) -> None:
    """Build the demo's packs; a moment when they are there already."""
    console.print("demo images: building the packs, or finding them built", highlight=False)
    importers = catalog().importers
    for name in PACKS:
        importers[name].run(ImportRequest(path=None, packs=var / "packs"))


def import_more(var: Path, console: Console, pattern: str = EVERY) -> None:
    """Make and bring the data that boards beyond the first part need, where that is possible."""
    import_packs(var, console)
    chosen = {board.needs for board in boards(Part.MORE, pattern=pattern)}
    if CELLS in chosen:
        import_cells(var, console)
    import_scenes(var, console, chosen)


def absent_packs(var: Path) -> list[str]:
    """The packs that boards need and that are not there."""
    return [board.needs for board in BOARDS if board.needs and not is_imported(var / "packs", board.needs)]


@contextmanager
def signed_in(site: Site) -> Iterator[Author]:
    """The demo author, who has an account and a token from here on."""
    api = Api(site.url)
    try:
        author = Author(api, site.var / "secrets")
        author.sign_in()
        yield author
    finally:
        api.close()


def publish(
    site: Site, author: Author, console: Console, seconds: float, part: Part, pattern: str = EVERY
) -> tuple[str, ...]:
    """Submit everything up to this part, on boards that `pattern` matches, follow it to its end, and print its boards.

    Returns a sentence for everything that kept an entry from its board, none when all are there.
    """
    absent = absent_packs(site.var)
    wanted = entries(part, absent, pattern)
    console.print(f"signed in as {NAME}; waiting for the worker to say what it can evaluate", highlight=False)
    _wait_for_worker(site, author, wanted)
    submitting = Submitting(author, wanted)
    statuses = _follow(site, author, submitting, console, seconds)
    published = [author.board(board) for board in boards(part, absent, pattern)]
    for board in published:
        print_board(console, board)
    return tuple(_unfinished(author, submitting, statuses) or unpublished(submitting.submitted, published))


def fill(site: Site, author: Author, console: Console, part: Part, pattern: str = EVERY) -> None:
    """Submit the rest up to this part, and say of each when it ended; returns when all have."""
    wanted = entries(part, absent_packs(site.var), pattern)
    _wait_for_worker(site, author, wanted)  # a first part without an entry has waited for nobody
    submitting = Submitting(author, wanted, passes_over=author.has_ended)
    submitting.further()
    waiting = len(submitting.submitted) + len(submitting.left)
    if not waiting:
        return
    console.print(f"entries still to be evaluated: {waiting}; their rows appear as they end")
    view = Ends(console, submitting.submitted)
    statuses = follow(submitting.submitted, author, view, site.pause, math.inf, submitting.further)
    for problem in _unfinished(author, submitting, statuses):
        console.print(problem, style="bold red", markup=False)
    console.print("Every board is filled.")


def _wait_for_worker(site: Site, author: Author, wanted: tuple[Entry, ...]) -> None:
    limit = time.monotonic() + ANNOUNCE_SECONDS
    while missing := author.missing(wanted):
        if time.monotonic() > limit:
            log = site.var / "log" / "evaluation-worker.log"
            raise DemoFailed(f"after {ANNOUNCE_SECONDS:.0f} s no worker offers {', '.join(missing)}; its log is {log}")
        resume = time.monotonic() + LOOK_SECONDS
        while time.monotonic() < resume:
            site.pause()


def _follow(site: Site, author: Author, submitting: Submitting, console: Console, seconds: float) -> dict[str, str]:
    submitted, further = submitting.submitted, submitting.further
    if not console.is_terminal:
        return follow(submitted, author, Lines(console, submitted), site.pause, seconds, further)
    with bars(console) as progress:
        return follow(submitted, author, Bars(progress, submitted), site.pause, seconds, further)


def _unfinished(author: Author, submitting: Submitting, statuses: dict[str, str]) -> list[str]:
    """A sentence for each submission that did not succeed, with the code and the reason that the site gives."""
    reasons = {
        entry: _reason(author.submission(number), statuses[number])
        for number, entry in submitting.submitted.items()
        if statuses[number] != "succeeded"
    }
    reasons |= dict.fromkeys(submitting.left, f"not submitted, as others were under way, {TIME_OVER}")
    return [f"{entry}: {reason}" for entry, reason in reasons.items()]


def _reason(submission: Json, status: str) -> str:
    if status not in ENDED:
        return f"still {status} {TIME_OVER}"
    failure = next((run["failure"] for run in submission["runs"] if run["failure"]), None)
    if failure is None:
        return status
    return f"{failure['code']}: {failure['sentence']} {failure['message']}".strip()
