"""`farfield score domainbed --records DIR`: the tables of a folder of DomainBed output, made by us or by DomainBed."""

import argparse
import sys
from pathlib import Path

from farfield_evaluators.domainbed.folder import Sweep, read_sweep
from farfield_evaluators.domainbed.formats import FORMATS
from farfield_evaluators.domainbed.selection import RULES
from farfield_evaluators.domainbed.tables import report

NAME = "domainbed"
ALL = "all"
SHOWN_MISSING = 10


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `farfield score domainbed` has."""
    group = parser.add_argument_group(f"for `farfield score {NAME}`, which takes no file")
    group.add_argument("--records", type=Path, metavar="DIR", help="a folder of run folders with results.jsonl")
    names = [rule.name for rule in RULES]
    group.add_argument("--selection", choices=[*names, ALL], default=ALL, help="the selection rule (default: all)")
    group.add_argument("--format", choices=list(FORMATS), default="text", help="of the tables (default: text)")
    group.add_argument("--partial", action="store_true", help="show what an unfinished sweep has")


def score(args: argparse.Namespace) -> int:
    """Print the tables; what is missing from an unfinished sweep goes to standard error."""
    sweep = read_sweep(args.records, partial=args.partial)
    rules = [rule for rule in RULES if args.selection in {rule.name, ALL}]
    sys.stdout.write(FORMATS[args.format](report(sweep.records, rules), len(sweep.records)))
    _say_missing(sweep)
    return 0


def _say_missing(sweep: Sweep) -> None:
    for problem in sweep.missing[:SHOWN_MISSING]:
        print(f"unfinished: {problem}", file=sys.stderr)
    if len(sweep.missing) > SHOWN_MISSING:
        print(f"unfinished: and {len(sweep.missing) - SHOWN_MISSING} more", file=sys.stderr)
