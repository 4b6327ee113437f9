"""Pages and the API under load, against a bare view of the same server that does one query.

Of a site with so many finished entries on one board, of 100 figures each: what visitors wait while the board stands
still (warm), by the 95th percentile of several rounds; how that grows with the entries; and what the first one
waits after a change (cold), which is the page made anew of what the site worker ranked, or ranked for the visitor.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import django

from bench.pages_of import BARE, Measured
from bench.result import Result

FEW, MANY, ROUNDS = 1_000, 10_000, 7
MOST, MOST_GROWTH = 3.0, 1.5  # times the bare view, and times what a tenth of the entries takes


def measure(scratch: Path, *, quick: bool) -> Iterator[Result]:
    """All pages at ten times the entries, against the bare view and against themselves."""
    few, many = (FEW // 50, MANY // 50) if quick else (FEW, MANY)
    before, after = (_measured(scratch / str(entries), entries, 1 if quick else ROUNDS) for entries in (few, many))
    bare, bare_before = after.pop(BARE), before.pop(BARE)
    against_few = partial(Result, row=7, peer_name=f"{few:,} entries")
    for name, page in after.items():
        title, fewer = f"{name}, {many:,} entries", before[name]
        yield Result(
            row=7, name=title, ours=page.p95, peer=bare.p95, unit="ms", goal=1 / MOST, state="warm",
            peer_name=BARE, peer_version=f"Django {django.__version__}",
        )  # fmt: skip
        # The two sites were loaded one after the other, each beside its own bare view.
        ours, peer = _times(page, bare), _times(fewer, bare_before)
        yield against_few(
            name=f"{title}, growth of the 95th percentile",
            ours=ours,
            peer=peer,
            unit="bare views",
            goal=1 / MOST_GROWTH,
            state="warm",
        )
        yield against_few(name=f"{title}, made anew", ours=page.anew, peer=fewer.anew, unit="ms", state="cold")
        yield against_few(name=f"{title}, ranked first", ours=page.ranking, peer=fewer.ranking, unit="ms", state="cold")


def _times(page: Measured, bare: Measured) -> tuple[float, ...]:
    return tuple(own / least for own, least in zip(page.p95, bare.p95, strict=True))


def _measured(folder: Path, entries: int, rounds: int) -> dict[str, Measured]:
    folder.mkdir()
    script = [sys.executable, "-m", "bench.pages_of", str(folder), str(entries), str(rounds)]
    answer = json.loads(subprocess.run(script, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return {name: Measured(**{kind: tuple(own) for kind, own in page.items()}) for name, page in answer.items()}
