"""`farfield submit --records DIR`: publish a sweep that was run here, or by DomainBed's own scripts, as predictions."""

import argparse
import os
from pathlib import Path
from typing import Any

from farfield import FarfieldError, TrackClaims
from farfield.packaging.files import read_text
from farfield_evaluators.catalog import benchmarks
from farfield_evaluators.suites.domainbed.sweep import TIERS
from farfield_workers.publishing import HandIn, Site, pack, send

DEFAULT_SITE = "http://localhost:8000"


class TokenMissing(FarfieldError):
    """There is no token to hand in with; says where one is looked for."""

    code = "token.missing"


def add_submit(commands: Any) -> None:
    """Add `farfield submit` to the subparsers."""
    parser = commands.add_parser("submit", help="publish the records of a sweep on a site")
    parser.add_argument("--records", type=Path, required=True, metavar="DIR", help="a folder of run folders")
    sweeps = [b.name for b in benchmarks() if b.is_sweep]
    parser.add_argument("--benchmark", required=True, choices=sweeps, metavar="NAME", help=", ".join(sweeps))
    parser.add_argument("--tier", choices=[t.name for t in TIERS], default="defaults", help="what was run of the sweep")
    parser.add_argument("--method", required=True, metavar="NAME", help="what it is called on the board")
    parser.add_argument("--summary", required=True, metavar="TEXT", help="one line: what the method does")
    parser.add_argument("--track", required=True, metavar="NAME", help="as the benchmark's page lists them")
    parser.add_argument("--backbone", required=True, metavar="NAME", help="the network, such as resnet50")
    for name, what in (("pretraining", "data of a pre-trained part"), ("extra-data", "further data it learned from")):
        parser.add_argument(f"--{name}", action="append", default=[], metavar="NAME", help=f"{what}; may be repeated")
    parser.add_argument("--title", default="", metavar="TEXT", help="tells apart several entries of one method")
    parser.add_argument("--note", default="", metavar="TEXT", help="anything readers should know")
    parser.add_argument("--again", action="store_true", help="although the same was submitted before")
    site = os.environ.get("FARFIELD_SITE_URL", DEFAULT_SITE)
    parser.add_argument("--site", default=site, metavar="URL", help=f"default: FARFIELD_SITE_URL, now {site}")
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="holds your token; default: FARFIELD_TOKEN")
    parser.set_defaults(run=_submit)


def _submit(args: argparse.Namespace) -> int:
    what = HandIn(
        records=args.records,
        benchmark=args.benchmark,
        tier=args.tier,
        method=args.method,
        summary=args.summary,
        track=args.track,
        claims=TrackClaims(
            backbone=args.backbone, pretraining=tuple(args.pretraining), extra_data=tuple(args.extra_data)
        ),
        title=args.title,
        note=args.note,
        again=args.again,
    )
    # Before the token, which only records that can be handed in are worth fetching for.
    archive = pack(what)
    print(send(what, archive, Site(url=args.site, token=_token(args.token_file))))
    return 0


def _token(file: Path | None) -> str:
    """From a file or from the environment: a word of the command line can be read by others on the machine."""
    try:
        token = (read_text(file) if file else os.environ.get("FARFIELD_TOKEN", "")).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise TokenMissing(f"{file} cannot be read: {error}") from error
    if not token:
        where = f"{file} is empty" if file else "set FARFIELD_TOKEN, or name a file with --token-file"
        raise TokenMissing(f"there is no token: {where}; a token is made on your account's page")
    return token
