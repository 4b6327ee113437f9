"""`farfield export`: a board, an entry or a run as a file, in every form in which a site offers it."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from farfield.client.commands.common import add_token_file, bar, command, show, site_of
from farfield.client.exporting import BOARD, FORMS, form_of


def add_export(commands: Any) -> None:
    """Add `farfield export` to the subparsers."""
    number = "5f0c8f3e-0000-4000-8000-000000000001"
    forms = {of: [form.name for form in FORMS if (form.of == BOARD) is of] for of in (True, False)}
    parser = command(
        commands,
        "export",
        "save a board, an entry or a run as a file",
        "export imagenet-ood/mini csv",
        "export domainbed/styles latex --tier smoke --output table.tex",
        f"export {number} attestation",
        more=f"Forms of a board: {', '.join(forms[True])}. Of an entry or a run: {', '.join(forms[False])}.",
    )
    add_token_file(parser)
    parser.add_argument("what", metavar="BENCHMARK|NUMBER", help="a board by its benchmark, an entry or run by number")
    parser.add_argument("form", metavar="FORM", help="see below")
    parser.add_argument("--tier", default="", metavar="NAME", help="of a board: that of this tier")
    parser.add_argument("--track", default="", metavar="NAME", help="of a board: only entries of this track")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: by name and form; - prints")
    parser.set_defaults(run=_export)


def _export(args: argparse.Namespace) -> int:
    form = form_of(args.what, args.form)
    query = {name: getattr(args, name) for name in ("tier", "track") if getattr(args, name)}
    path = args.output or Path(args.what.replace("/", "-") + form.suffix)
    with bar(f"{args.what} as {form.name}") as told:
        pieces = site_of(args).export(args.what, args.form, told=told, **query)
        if str(path) == "-":
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            return 0
        size = _written(path, pieces)
    show(args, {"file": str(path), "bytes": size}, f"{path}: {size} bytes")
    return 0


def _written(path: Path, pieces: Iterator[bytes]) -> int:
    """How many bytes; a file that broke off is none, and leaves the one before as it was."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        size = part.stat().st_size
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return size
