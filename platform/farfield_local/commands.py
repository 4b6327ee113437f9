"""`farfield demo`: a whole site on this machine, with its boards filled through the public API."""

import argparse
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

from farfield_evaluators.paths import var_folder

TIMEOUT_SECONDS, FULL_SECONDS = 1800.0, 24 * 3600.0


def add_demo(commands: Any) -> None:
    """Add `farfield demo` to the subparsers."""
    parser = commands.add_parser("demo", help="run a whole site on this machine and fill its boards")
    parser.add_argument("--once", action="store_true", help="end when the boards are published, not on Ctrl-C")
    parser.add_argument("--port", type=_port, help="of 127.0.0.1 (default: the first free one from 8000)")
    parser.add_argument("--methods", type=int, metavar="N", help="the first N of each board (default: all)")
    parser.add_argument("--full", action="store_true", help="submit whole sweeps too, which take hours")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="for the evaluations")
    parser.set_defaults(run=_demo)


def _demo(args: argparse.Namespace) -> int:
    # Imported here, because every `farfield` command builds this parser.
    from rich.console import Console

    from farfield_local.demo.entries import boards
    from farfield_local.demo.run import import_packs, run_demo
    from farfield_local.site import running_site

    console = Console(highlight=False)
    var = var_folder()
    _end_in_order()
    with running_site(var, args.port, console.print, lambda: import_packs(var, console)) as site:
        console.print(f"the site answers at {site.url}")
        seconds = args.timeout or (FULL_SECONDS if args.full else TIMEOUT_SECONDS)
        outcome = run_demo(site, console, seconds, boards(full=args.full, methods=args.methods))
        for problem in outcome.problems:
            console.print(problem, style="bold red", markup=False)
        if args.once:
            return 1 if outcome.problems else 0
        console.print(f"The site: {site.url}   Sign in as {outcome.name}, password {outcome.password}", markup=False)
        console.print("Ctrl-C ends it; what it holds is kept for the next start.")
        return _serve(site.pause)


def _serve(pause: Callable[[], None]) -> int:
    """Until somebody ends it, which is its ordinary end."""
    try:
        while True:
            pause()
    except KeyboardInterrupt:
        return 0


def _end_in_order() -> None:
    """A closed terminal and `kill` end the site as Ctrl-C does."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number
