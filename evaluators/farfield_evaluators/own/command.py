"""`farfield benchmark new NAME`: one TOML file, valid as it is, made to fit the data that it is shown."""

import argparse
from pathlib import Path
from typing import Any

from farfield.errors import UsageError, reason
from farfield_evaluators.own.fields import SHORT, SLUG
from farfield_evaluators.own.guess import Guess, guess
from farfield_evaluators.own.reader import read_file, read_text
from farfield_evaluators.own.spec import SUITE
from farfield_evaluators.own.template import template
from farfield_evaluators.paths import benchmarks_folder


def add_benchmark(commands: Any) -> None:
    """Add `farfield benchmark` to the subparsers."""
    parser = commands.add_parser("benchmark", help="describe a benchmark of your own in one TOML file")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    new = actions.add_parser("new", help="write the file")
    new.add_argument("name", help="lower-case letters, digits and single hyphens")
    new.add_argument("--data", type=Path, metavar="PATH", help="look at these data, and write what fits them")
    new.set_defaults(run=_new)
    check = actions.add_parser("check", help="read a file, and name every mistake in it")
    check.add_argument("name", help="a benchmark's name, or the path of a TOML file")
    check.set_defaults(run=_check)


def _new(args: argparse.Namespace) -> int:
    if not SLUG.fullmatch(args.name) or len(args.name) > SHORT:
        fits = f"at most {SHORT} lower-case letters, digits and single hyphens"
        raise UsageError(f"{args.name!r} cannot be a benchmark's name: it must be {fits}")
    path = benchmarks_folder() / f"{args.name}.toml"
    looked = guess(args.data) if args.data else Guess(kind="folders", layout=("class",))
    text = template(args.name, looked)
    read_text(text, args.name, path.name)  # what is written is what can be read
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is there already; edit it, or choose another name") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {reason(error)}") from error
    print(f"wrote {path}")
    print(f"next: farfield data import {args.name} {args.data or 'PATH'}")
    print(f"then: farfield evaluate METHOD --benchmark {SUITE}/{args.name}")
    return 0


def _check(args: argparse.Namespace) -> int:
    path = Path(args.name) if args.name.endswith(".toml") else benchmarks_folder() / f"{args.name}.toml"
    spec = read_file(path)
    print(f"{path}: {spec.benchmark_name} v{spec.version}, {spec.title}: nothing is wrong with it")
    return 0
