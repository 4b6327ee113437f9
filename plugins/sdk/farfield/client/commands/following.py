"""`farfield watch`: an entry from its place in the queue to its figures; how it ended is in the status."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from farfield.client.answers import CANCELLED, FAILED, SUCCEEDED, Entry
from farfield.client.commands.common import add_token_file, command, say, site_of
from farfield.client.site import Site
from farfield.client.watching import EVERY, PATIENCE, Seen
from farfield.packaging.plain import visible
from farfield.terminal import publish

STATUS = {SUCCEEDED: 0, FAILED: 3, CANCELLED: 4}
ENDS = "3 when a run of the entry failed, 4 when it was cancelled."


def add_watch(commands: Any) -> None:
    """Add `farfield watch` to the subparsers."""
    number = "5f0c8f3e-0000-4000-8000-000000000001"
    parser = command(
        commands,
        "watch",
        "follow an entry until it ends",
        f"watch {number}",
        f"watch {number} --json",
        more=ENDS,
    )
    add_token_file(parser)
    parser.add_argument("entry", metavar="ENTRY", help="the number of an entry, as its page has it")
    parser.add_argument("--every", type=_seconds, default=EVERY, metavar="SECONDS", help="between looks (%(default)s)")
    patience = "for how long to wait for a site that does not answer (%(default)s)"
    parser.add_argument("--patience", type=_seconds, default=PATIENCE, metavar="SECONDS", help=patience)
    parser.set_defaults(run=_watch)


def _watch(args: argparse.Namespace) -> int:
    return followed(site_of(args), args.entry, as_json=args.json, every=args.every, patience=args.patience)


def followed(site: Site, number: str, *, as_json: bool, every: float = EVERY, patience: float = PATIENCE) -> int:
    """Tell what happens to an entry, and print what it came to; returns the status."""
    last: Seen | None = None
    with _shown(as_json=as_json) as tell:
        for seen in site.watch(number, every=every, patience=patience):
            tell(seen)
            last = seen
    if last is None:
        return 1
    publish(f"{json.dumps({'entry': last.entry.said})}\n" if as_json else _ended(last.entry))
    return STATUS.get(last.entry.status, 1)


@contextmanager
def _shown(*, as_json: bool) -> Iterator[Callable[[Seen], None]]:
    """A line of JSON for each event; else a bar on a terminal, or lines."""
    if as_json:
        yield _lines_of_json
    elif sys.stderr.isatty():
        with _bar() as tell:
            yield tell
    else:
        yield _lines


def _lines_of_json(seen: Seen) -> None:
    for event in seen.events:
        publish(f"{json.dumps({'event': vars(event)})}\n")
    if seen.lost:
        say(seen.lost)


def _lines(seen: Seen) -> None:
    titles = {run.number: run.title for run in seen.entry.runs}
    for event in seen.events:
        run = titles.get(event.run, "")
        say(f"{event.at[:19].replace('T', ' ')}  {run}{': ' if run else ''}{event.what}")
    if seen.lost:
        say(f"no answer, trying again: {seen.lost}")


@contextmanager
def _bar() -> Iterator[Callable[[Seen], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=None)
        yield lambda seen: shown.update(
            task,
            completed=sum(run.status in STATUS for run in seen.entry.runs),
            total=len(seen.entry.runs) or None,
            description=_escaped("no answer, trying again" if seen.lost else now(seen.entry)),
        )


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(visible(text, 120))


def now(entry: Entry) -> str:
    """What an entry is at, in a few words."""
    counts = Counter(run.status for run in entry.runs)
    if len(entry.runs) != 1:
        return ", ".join(f"{count} {status}" for status, count in counts.items()) or entry.status
    said = entry.runs[0].said
    progress, outlook = said.get("progress"), said.get("outlook")
    if progress and progress["total"]:
        return f"{entry.status}: {progress['phase']} {100 * progress['done'] / progress['total']:.0f} %"
    place = outlook["place"] if outlook else None
    return f"{entry.status}, number {place} in the queue" if entry.status == "queued" and place else entry.status


def _ended(entry: Entry) -> str:
    lines = [f"{entry.method} on {entry.benchmark}: {entry.status}", entry.page]
    lines += [f"{run.title or run.number}: {run.failure}" for run in entry.runs if run.failure][:10]
    lines += [
        f"{each['metric']:<28} {each['domain']:<20} {each['value']:g}" for each in entry.said.get("figures", ())[:40]
    ]
    return "".join(f"{visible(line, 500)}\n" for line in lines)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.1 <= value <= 86_400:
        raise argparse.ArgumentTypeError("write seconds, from 0.1 to 86400")
    return value
