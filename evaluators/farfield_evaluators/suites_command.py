"""`farfield suites`: what is installed, by whom, whose data is here, and what cannot be used, with the reason."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from farfield.terminal import publish
from farfield_evaluators.catalog import Catalog, catalog
from farfield_evaluators.data.packs import is_imported
from farfield_evaluators.paths import packs_folder
from farfield_evaluators.suite_loading import InstalledSuite


def add_suites(commands: Any) -> None:
    """Add `farfield suites` to the subparsers."""
    parser = commands.add_parser("suites", help="list the installed suites of benchmarks, and those that are refused")
    parser.add_argument("--json", action="store_true", help="print them as JSON")
    parser.set_defaults(run=_suites)


def say_refused() -> int:
    """Name on stderr every suite, or part of one, that cannot be used; how many they are."""
    refused = refusals(catalog())
    for line in refused:
        print(f"farfield: not used: {line}", file=sys.stderr)
    return len(refused)


def refusals(installed: Catalog) -> tuple[str, ...]:
    """A sentence for each suite, and each suite's importers, that cannot be used."""
    return tuple(str(each) for each in (*installed.refused, *installed.importing.refused))


def _suites(args: argparse.Namespace) -> int:
    """1 when one is refused, so that a script sees it."""
    installed, packs = catalog(), packs_folder()
    if args.json:
        publish(json.dumps(described(installed, packs), indent=1) + "\n")
        return int(bool(refusals(installed)))
    publish("".join(_lines(each, packs) for each in installed.installed))
    return int(say_refused() > 0)


def described(installed: Catalog, packs: Path) -> dict[str, Any]:
    """The suites as JSON-ready data; of each benchmark, whether its data is in the folder `packs`."""
    suites = [
        {**each.identity.as_json(), "benchmarks": {b.name: is_imported(packs, b.pack) for b in each.suite.benchmarks}}
        for each in installed.installed
    ]
    return {"suites": suites, "refused": list(refusals(installed))}


def _lines(each: InstalledSuite, packs: Path) -> str:
    identity = each.identity
    head = f"{identity.name}  {identity.distribution} {identity.version}  protocol {identity.digest}\n"
    width = max((len(benchmark.name) for benchmark in each.suite.benchmarks), default=0)
    rows = [
        f"  {b.name:<{width}}  v{b.version}  {'data here' if is_imported(packs, b.pack) else 'no data here'}\n"
        for b in each.suite.benchmarks
    ]
    return head + "".join(rows)
