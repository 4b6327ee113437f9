"""`farfield score domainbed --records DIR`: the tables of a folder of DomainBed output, made by us or by DomainBed."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from farfield.terminal import publish
from farfield_evaluators.suites.domainbed.auto_lr import AUTO_LR, FORM
from farfield_evaluators.suites.domainbed.folder import Sweep, read_sweep
from farfield_evaluators.suites.domainbed.formats import FORMATS
from farfield_evaluators.suites.domainbed.problems import MISSING_KEY, Problem, RecordsError
from farfield_evaluators.suites.domainbed.records import Record
from farfield_evaluators.suites.domainbed.selection import (
    EVERY_RULE,
    VARIATION,
    SelectionRule,
    rules_for,
    statistics_of,
)
from farfield_evaluators.suites.domainbed.tables import report

NAME = "domainbed"
ALL = "all"
SHOWN_MISSING = 10


class Command:
    """The suite's part of `farfield score`, see `suite.ScoreCommand`."""

    NAME = NAME

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        add_options(parser)

    def is_used(self, args: argparse.Namespace) -> bool:
        return args.records is not None

    def score(self, args: argparse.Namespace) -> int:
        """Raises SystemExit by the parser's usage where there is no folder."""
        if args.records is None or args.file is not None:
            args.usage_error(f"score {NAME} takes --records DIR, and no file")
        return score(args)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `farfield score domainbed` has."""
    group = parser.add_argument_group(f"for `farfield score {NAME}`, which takes no file")
    group.add_argument("--records", type=Path, metavar="DIR", help="a folder of run folders with results.jsonl")
    names = [rule.name for rule in (*EVERY_RULE, AUTO_LR)]
    group.add_argument("--selection", choices=[*names, ALL], default=ALL, help="the selection rule (default: all)")
    group.add_argument("--format", choices=list(FORMATS), default="text", help="of the tables (default: text)")
    group.add_argument("--partial", action="store_true", help="show what an unfinished sweep has")


def score(args: argparse.Namespace) -> int:
    """Print the tables; what is missing from an unfinished sweep goes to standard error."""
    twice_trained = args.selection == AUTO_LR.name
    sweep = read_sweep(args.records, partial=args.partial, form=FORM if twice_trained else None)
    rules = (AUTO_LR,) if twice_trained else rules_named(args.selection, sweep.records)
    publish(FORMATS[args.format](report(sweep.records, rules), len(sweep.records)))
    _say_missing(sweep)
    return 0


def rules_named(name: str, records: Sequence[Record]) -> tuple[SelectionRule, ...]:
    """The rule of that name, or all that the records are made for. Raises RecordsError where they lack its values."""
    if name == ALL:
        return rules_for(records)
    if name == VARIATION.name:
        _check_statistics(records)
    return tuple(rule for rule in EVERY_RULE if rule.name == name)


def _check_statistics(records: Sequence[Record]) -> None:
    lacking = [record.where for record in records if statistics_of(record) is None]
    if lacking:
        others = f" (and {len(lacking) - 1} more lines)" if len(lacking) > 1 else ""
        says = "variation and informativeness are missing; only records made here have them, choose another selection"
        raise RecordsError([Problem(code=MISSING_KEY, where=f"{lacking[0]}{others}", says=says)])


def _say_missing(sweep: Sweep) -> None:
    for problem in sweep.missing[:SHOWN_MISSING]:
        print(f"unfinished: {problem}", file=sys.stderr)
    if len(sweep.missing) > SHOWN_MISSING:
        print(f"unfinished: and {len(sweep.missing) - SHOWN_MISSING} more", file=sys.stderr)
