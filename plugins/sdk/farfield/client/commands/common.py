"""What the commands have in common: which site and token, printing as text or JSON, and bars of progress."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from farfield.client import credentials
from farfield.client.errors import NotSignedIn
from farfield.client.site import Site
from farfield.client.tables import Table
from farfield.errors import reason
from farfield.packaging.files import read_text
from farfield.packaging.plain import visible
from farfield.terminal import publish

STATUSES = "Status: 0 when it went well, 1 when something was refused or failed, 2 for wrong words here."
Told = Callable[[int, int], None]


def command(commands: Any, name: str, help: str, *examples: str, more: str = "") -> argparse.ArgumentParser:
    """A parser with the options that all of these commands have, and examples below its help."""
    shown = "examples:\n" + "".join(f"  $ farfield {example}\n" for example in examples)
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=help,
        description=f"{help[0].upper()}{help[1:]}.",
        epilog=f"{shown}\n{STATUSES}{f' {more}' if more else ''}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    default = os.environ.get(credentials.SITE, "") or credentials.DEFAULT_SITE
    parser.add_argument("--site", default="", metavar="URL", help=f"default: {credentials.SITE}, now {default}")
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    return parser


def add_token_file(parser: argparse.ArgumentParser) -> None:
    """The option for a token that is neither in the environment nor kept by `farfield login`."""
    usual = f"default: {credentials.TOKEN}, else what `farfield login` keeps"
    parser.add_argument("--token-file", type=Path, metavar="FILE", help=f"holds your token; {usual}")


def site_of(args: argparse.Namespace) -> Site:
    """The site that is asked for, as who has the token. Raises NotSignedIn for a token file that has none."""
    file: Path | None = getattr(args, "token_file", None)
    return Site(args.site, _read_token(file) if file else "")


def _read_token(file: Path) -> str:
    """A word of the command line can be read by others on the machine; a file can not."""
    try:
        token = read_text(file).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NotSignedIn(f"{file} cannot be read: {reason(error)}") from error
    if not token:
        raise NotSignedIn(f"{file} is empty; put your token into it, which the account's page makes")
    return token


def show(args: argparse.Namespace, value: Any, text: str) -> None:
    """The value as JSON, or the text."""
    publish(f"{json.dumps(value, indent=2)}\n" if args.json else f"{text}\n")


def show_table(args: argparse.Namespace, table: Table[Any]) -> None:
    """A table as text, or its records as JSON."""
    show(args, table.records(), str(table))


def say(line: str) -> None:
    """A line for people, beside what is printed for programs."""
    print(visible(line, 500), file=sys.stderr, flush=True)


@contextmanager
def bar(label: str) -> Iterator[Told]:
    """A bar of bytes on a terminal; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(label, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total or None)
