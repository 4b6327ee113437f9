"""`farfield verify`: check a signed result, without network and without the site."""

import argparse
import json
from pathlib import Path
from typing import Any

from farfield.errors import UsageError
from farfield.packaging.plain import visible
from farfield.terminal import publish

Json = dict[str, Any]


def add_verify(commands: Any) -> None:
    """Add `farfield verify` to the subparsers."""
    parser = commands.add_parser(
        "verify",
        help="check a signed result: who says so, that nothing was changed, and whether it is of these predictions",
        description="Check a signed result of a site, without network. Status 1: it is not to be believed.",
    )
    parser.add_argument("file", type=Path, help="the signed result, as /api/v1/runs/NUMBER/attestation gives it")
    keys = "the site's public key as PEM, or its list of keys, as /.well-known/farfield-keys.json gives it"
    parser.add_argument("--key", type=Path, required=True, metavar="FILE", help=keys)
    files = "a file that must be the one that was scored or run: predictions, a package"
    parser.add_argument("--predictions", type=Path, metavar="FILE", help=files)
    parser.add_argument("--json", action="store_true", help="print the whole statement as JSON")
    parser.set_defaults(run=_verify)


def _verify(args: argparse.Namespace) -> int:
    try:
        from farfield_evaluators.attestation.verify import verified
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is not installed: pip install 'farfield-platform[verify]'") from error
    statement = verified(args.file, args.key, args.predictions)
    publish(f"{json.dumps(statement, indent=2)}\n" if args.json else _in_words(statement, args))
    return 0


def _in_words(statement: Json, args: argparse.Namespace) -> str:
    told = statement["predicate"]
    benchmark, method, run = told["benchmark"], told["method"], told["run"]
    lines = [
        f"{args.file} holds: signed by {told['builder']['id']} at {told['signedOn']}",
        f"benchmark  {benchmark['name']} {benchmark['version']}, comparability key {benchmark['key']}",
        f"method     {method['name']} {method['version']}".rstrip() + ("" if told["verified"] else ", not run there"),
        f"run        {run['id']}, {json.dumps(run['cell'], sort_keys=True)}",
        *([f"entry      {told['entry']['state']}: {told['entry']['reason']}"] if told["entry"]["reason"] else []),
        *([f"file       {args.predictions} is the one"] if args.predictions else []),
        *(f"{score['metric']:<20} {score['domain']:<24} {score['value']}" for score in told["scores"]),
    ]
    return "".join(f"{visible(line, 300)}\n" for line in lines)
