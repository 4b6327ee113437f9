"""`farfield demo`: a whole site on this machine, with its boards filled through the public API."""

import argparse
import os
import signal
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from farfield_evaluators.paths import var_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from farfield_local.demo.author import Author
    from farfield_local.site import Site

TIMEOUT_SECONDS, MORE_SECONDS, FULL_SECONDS = 1800.0, 2 * 3600.0, 24 * 3600.0


def add_demo(commands: Any) -> None:
    """Add `farfield demo` to the subparsers."""
    parser = commands.add_parser("demo", help="run a whole site on this machine and fill its boards")
    parser.add_argument("--once", action="store_true", help="end when the first methods are on their boards")
    parser.add_argument("--port", type=_port, help="of 127.0.0.1 (default: the first free one from 8000)")
    parser.add_argument("--more", action="store_true", help="with --once: end when all methods are on their boards")
    parser.add_argument("--full", action="store_true", help="submit whole sweeps too, which take hours")
    parser.add_argument(
        "--debug",
        action="store_true",
        help="to work on the site: debug pages, reload when a file changes, FARFIELD_* of this shell, first methods",
    )
    parser.add_argument(
        "--boards",
        type=_boards,
        default="*",
        metavar="PATTERN",
        help="fill only boards whose names match it, such as 'fsdet/*' (default: all)",
    )
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="for the evaluations")
    parser.set_defaults(run=_demo)


def _demo(args: argparse.Namespace) -> int:
    # Imported here, because every `farfield` command builds this parser.
    from rich.console import Console

    from farfield_local.demo.entries import Part
    from farfield_local.demo.run import fill, import_more, import_packs, publish, signed_in
    from farfield_local.processes import parallel_runs, while_working
    from farfield_local.site import running_site

    console = Console(highlight=False)
    var = var_folder()
    few = args.once or args.debug
    part = Part.FULL if args.full else Part.MORE if args.more or not few else Part.FIRST
    settings = while_working(os.environ) if args.debug else {}
    waited_for = part if args.once else Part.FIRST
    seconds = args.timeout or (FULL_SECONDS if args.full else MORE_SECONDS if args.more else TIMEOUT_SECONDS)
    _end_in_order()
    more = partial(import_more, pattern=args.boards)
    prepare = partial(more if args.more or args.full else import_packs, var, console)
    with running_site(var, args.port, console.print, prepare, settings=settings, evaluators=parallel_runs()) as site:
        console.print(f"the site answers at {site.url}")
        with signed_in(site) as author:
            problems = publish(site, author, console, seconds, waited_for, args.boards)
            for problem in problems:
                console.print(problem, style="bold red", markup=False)
            if args.once:
                return 1 if problems else 0
            return _serve(site, author, console, partial(fill, part=part, pattern=args.boards))


def _serve(site: "Site", author: "Author", console: "Console", fill: "Callable[..., None]") -> int:
    """Until somebody ends it, which is its ordinary end; `fill` goes on filling the boards meanwhile."""
    from farfield_local.demo.author import NAME

    console.print(f"The site: {site.url}   Sign in as {NAME}, password {author.password}", markup=False)
    console.print("Ctrl-C ends it; what it holds is kept for the next start.")
    try:
        fill(site, author, console)
        while True:
            site.pause()
    except KeyboardInterrupt:
        return 0


def _end_in_order() -> None:
    """A closed terminal and `kill` end the site as Ctrl-C does."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _boards(pattern: str) -> str:
    from farfield_local.demo.entries import BOARDS, is_chosen

    if not any(is_chosen(board, pattern) for board in BOARDS):
        named = ", ".join(board.benchmark for board in BOARDS)
        raise argparse.ArgumentTypeError(f"no board of the demo matches {pattern!r}; there are {named}")
    return pattern


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number
