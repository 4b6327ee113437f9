"""The `farfield` command. The SDK brings what writes methods and what talks to a site; evaluators bring the others.

Further commands come through entry points of the group `farfield.commands`: a function that receives the
subparsers object and adds its parser, with `run=callable(args) -> exit status` among the defaults.
"""

import argparse
import shlex
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path
from typing import Any

from farfield.choices import INPUT, described_for, refuse_former
from farfield.client.commands import add_all
from farfield.errors import UnknownName, did_you_mean
from farfield.method import Features, MethodSpec
from farfield.packaging.rehearsal import Rehearsal, is_package_path, rehearse
from farfield.registry import load
from farfield.scaffold import FAMILIES, write_plugin
from farfield.settings import read_settings, split_pairs
from farfield.terminal import at_the_edge
from farfield.testing import check_method

COMMANDS_GROUP = "farfield.commands"
ELSEWHERE = ("benchmarks", "suites", "data", "evaluate", "score", "verify", "demo")
Subparsers = Any  # argparse keeps the type of add_subparsers() private


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; what a person can act on is printed, without a traceback.

    The status is 0 when it went well, 1 when something was refused or failed, 2 for wrong words on the command line;
    `watch` has two more, which its help tells.
    """
    with at_the_edge() as edge:
        args = build_parser().parse_args(argv)
        run: Callable[[argparse.Namespace], int] = args.run
        edge.status = run(args)
    return edge.status


class Parser(argparse.ArgumentParser):
    """Says, for a word that is none of those it takes, which it takes are near."""

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            near = did_you_mean(value, map(str, action.choices or ()))
            raise argparse.ArgumentError(action, f"{error.message}{near}") from None


def build_parser() -> argparse.ArgumentParser:
    """The command line with the commands of every installed part; those of a part that cannot load say why."""
    parser = Parser(
        prog="farfield",
        description="Compare vision methods under distribution shift.",
        epilog="Status: 0 when it went well, 1 when something was refused or failed, 2 for wrong words here.",
    )
    parser.add_argument("--version", action="version", version=f"farfield {version('farfield')}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_methods(commands)
    _add_check(commands)
    _add_new(commands)
    add_all(commands)
    installed = {point.name: point for point in entry_points(group=COMMANDS_GROUP)}
    for point in installed.values():
        _add_installed(commands, point)
    for name in ELSEWHERE:
        if name not in installed:
            _add_missing(commands, name, "is not part of the SDK")
    return parser


def _add_installed(commands: Subparsers, point: EntryPoint) -> None:
    try:
        add = point.load()
    except ImportError as error:
        _add_missing(commands, point.name, f"cannot be loaded ({error})")
    else:
        add(commands)


def _add_methods(commands: Subparsers) -> None:
    parser = commands.add_parser("methods", help="list the installed methods")
    parser.set_defaults(run=_methods)


def _methods(_: argparse.Namespace) -> int:
    methods = load().methods.values()
    if not methods:
        print("no plugin is installed; `farfield new NAME` writes one")
    listed = sorted(methods, key=lambda m: (m.spec.family, m.spec.name))
    rows = [
        (m.spec.name, m.spec.family.value, _inputs_in_words(m.spec), f"{m.distribution} {m.version}") for m in listed
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for m, row in zip(listed, rows, strict=True):
        print("  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)), m.spec.summary, sep="  ")
    return 0


def _inputs_in_words(spec: MethodSpec) -> str:
    """The values of the setting `input`, the default first; what it takes where there is nothing to choose."""
    if spec.choices:
        return f"input={'|'.join(spec.inputs_by_name)}"
    return f"features of {spec.inputs.backbone}" if isinstance(spec.inputs, Features) else "images"


def _add_check(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "check",
        help="run the conformance test on an installed method, or see what a site would say to a package",
        description="Run the conformance test on an installed method. With a wheel, an sdist or a project folder: "
        "take the steps that a site takes with a submitted package, and say where it would be refused.",
    )
    parser.add_argument("what", metavar="METHOD|PATH", help="a name that `farfield methods` lists, or a path")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting; may be repeated")
    parser.add_argument("--method", default="", metavar="NAME", help="the method to test, when a package has several")
    parser.add_argument(
        "--site", default="", metavar="URL", help="hold a package against this site's base environment (default: ours)"
    )
    parser.set_defaults(run=_check)


def _check(args: argparse.Namespace) -> int:
    texts = split_pairs(args.set)
    if is_package_path(args.what):
        tested = rehearse(Rehearsal(path=Path(args.what), method=args.method, texts=texts, site=args.site), _say)
        print(f"{args.site or 'a site with the base environment of this release'} would run {tested}")
        return 0
    installed = load()
    try:
        registered = installed.method(args.what)
    except UnknownName as error:
        refuse_former((method.spec.describe() for method in installed.methods.values()), args.what)
        if (Path(args.what) / "pyproject.toml").is_file():
            print(f"farfield: to check the project in that folder, write ./{args.what}", file=sys.stderr)
        raise error
    for given in _with_each_input(registered.spec, texts):
        config = read_settings(described_for(registered.spec.describe(), given)["config_schema"], given)
        with tempfile.TemporaryDirectory() as folder:
            check_method(registered.spec, Path(folder), config)
        which = f" with input={given[INPUT]}" if INPUT in given else ""
        _say(f"{args.what} keeps the {registered.spec.family} protocol{which}")
    return 0


def _with_each_input(spec: MethodSpec, texts: Mapping[str, str]) -> list[Mapping[str, str]]:
    """The settings to check a method with: as given, or with each of its inputs where none is named."""
    if not spec.choices or INPUT in texts:
        return [texts]
    return [{INPUT: name, **texts} for name in spec.inputs_by_name]


def _say(line: str) -> None:
    """A step's line is seen before the next step, which may take a while."""
    print(line, flush=True)


def _add_new(commands: Subparsers) -> None:
    parser = commands.add_parser("new", help="write a new plugin that passes the conformance test")
    parser.add_argument("name", help="lower-case letters, digits and hyphens, such as my-method")
    parser.add_argument(
        "--features",
        default="",
        metavar="BACKBONE:DIM",
        help="take features of this backbone too, chosen by the setting `input`, such as efficientnet-lite0:1280",
    )
    parser.add_argument("--family", choices=FAMILIES, default=FAMILIES[0], help="what it is (default: %(default)s)")
    parser.add_argument("--into", type=Path, default=Path(), metavar="DIR", help="parent folder (default: here)")
    parser.set_defaults(run=_new)


def _new(args: argparse.Namespace) -> int:
    folder = write_plugin(args.name, args.into, args.features, args.family)
    quoted = shlex.quote(str(folder))
    print(f"wrote {folder}\nnext: pip install -e {quoted} pytest && pytest {quoted} && farfield check {args.name}")
    return 0


def _add_missing(commands: Subparsers, name: str, why: str) -> None:
    """A command that only explains itself, whatever its arguments: with this prefix no word is an option."""
    parser = commands.add_parser(name, help="(needs the evaluators)", add_help=False, prefix_chars="\0")
    parser.set_defaults(run=_missing, command=name, why=why)
    parser.add_argument("rest", nargs="*")


def _missing(args: argparse.Namespace) -> int:
    print(
        f"farfield: `{args.command}` {args.why}; it needs the evaluators: in a checkout of Farfield run "
        "`make install`, or `pip install '.[worker,torch]'`",
        file=sys.stderr,
    )
    return 2
