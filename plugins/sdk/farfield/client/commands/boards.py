"""`farfield results`, `leaderboard` and `compare`: figures of a site, read."""

import argparse
from typing import Any

from farfield.client.commands.common import add_token_file, command, say, show_table, site_of


def add_results(commands: Any) -> None:
    """Add `farfield results` to the subparsers."""
    parser = command(
        commands,
        "results",
        "list your own entries on a site with their states and headlines",
        "results",
        "results --benchmark imagenet-ood/mini --json",
    )
    add_token_file(parser)
    parser.add_argument("--benchmark", default="", metavar="NAME", help="only entries of this one")
    parser.add_argument("--limit", type=_count, default=20, metavar="N", help="the newest (default: %(default)s)")
    parser.set_defaults(run=_results)


def _results(args: argparse.Namespace) -> int:
    show_table(args, site_of(args).results(benchmark=args.benchmark, limit=args.limit))
    return 0


def add_leaderboard(commands: Any) -> None:
    """Add `farfield leaderboard` to the subparsers."""
    parser = command(
        commands,
        "leaderboard",
        "print a board",
        "leaderboard imagenet-ood/mini",
        "leaderboard domainbed/styles --tier smoke --limit 10 --json",
    )
    add_token_file(parser)
    parser.add_argument("benchmark", help="such as imagenet-ood/mini")
    parser.add_argument("--track", default="", metavar="NAME", help="only entries of this track")
    parser.add_argument("--tier", default="", metavar="NAME", help="the board of this tier (default: the first)")
    parser.add_argument("--by", default="", metavar="METRIC:DOMAIN", help="what ranks (default: the headline)")
    parser.add_argument("--verified", action="store_true", help="only what was run on the site")
    parser.add_argument("--limit", type=_count, metavar="N", help="the first rows (default: all)")
    parser.set_defaults(run=_leaderboard)


def _leaderboard(args: argparse.Namespace) -> int:
    found = site_of(args).leaderboard(
        args.benchmark,
        track=args.track,
        tier=args.tier,
        ranked_by=args.by,
        verified=args.verified,
        limit=args.limit,
    )
    show_table(args, found)
    return 0


def add_compare(commands: Any) -> None:
    """Add `farfield compare` to the subparsers."""
    number = "5f0c8f3e-0000-4000-8000-00000000000"
    parser = command(
        commands,
        "compare",
        "compare two to five entries of one board, pair by pair, with tests",
        f"compare {number}1 {number}2",
        f"compare {number}1 {number}2 --all --json",
    )
    add_token_file(parser)
    parser.add_argument("entries", nargs="+", metavar="ENTRY", help="the number of an entry, as its page has it")
    parser.add_argument("--all", action="store_true", help="every figure, not the board's columns alone")
    parser.set_defaults(run=_compare)


def _compare(args: argparse.Namespace) -> int:
    found = site_of(args).compare(*args.entries)
    if found.state == "waiting":
        say("the site is still comparing example by example; until then differences are by standard errors")
    show_table(args, found if args.all else found.of_board())
    return 0


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= 1_000_000):
        raise argparse.ArgumentTypeError("write a whole number from 1 on")
    return int(text)
