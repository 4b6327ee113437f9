"""`farfield submit`: publish what was run here, or elsewhere, as the predictions of a method."""

import argparse
import os
from pathlib import Path
from typing import Any

from farfield import FarfieldError, TrackClaims
from farfield.departures import DEPARTURES
from farfield.errors import ConfigError
from farfield.packaging.files import read_text
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks, find
from farfield_workers.publishing import HandIn, Site, packed, send

DEFAULT_SITE = "http://localhost:8000"


class TokenMissing(FarfieldError):
    """There is no token to hand in with; says where one is looked for."""

    code = "token.missing"


def add_submit(commands: Any) -> None:
    """Add `farfield submit` to the subparsers."""
    parser = commands.add_parser("submit", help="publish results that were made elsewhere on a site")
    results = parser.add_mutually_exclusive_group(required=True)
    results.add_argument("--records", type=Path, metavar="DIR", help="a folder of run folders, of a sweep")
    results.add_argument(
        "--predictions", type=Path, metavar="PATH", help="a file or folder of predictions, see docs/predictions.md"
    )
    taken = [b.name for b in benchmarks() if b.handed_in is not None]
    parser.add_argument("--benchmark", required=True, choices=taken, metavar="NAME", help=", ".join(taken))
    parser.add_argument("--tier", metavar="NAME", help="what was run, where there are tiers (default: the usual one)")
    parser.add_argument("--method", required=True, metavar="NAME", help="what it is called on the board")
    parser.add_argument("--summary", required=True, metavar="TEXT", help="one line: what the method does")
    parser.add_argument("--track", required=True, metavar="NAME", help="as the benchmark's page lists them")
    parser.add_argument("--backbone", required=True, metavar="NAME", help="the network, such as resnet50")
    for name, what in (("pretraining", "data of a pre-trained part"), ("extra-data", "further data it learned from")):
        parser.add_argument(f"--{name}", action="append", default=[], metavar="NAME", help=f"{what}; may be repeated")
    departs = "in what it leaves the rules of the benchmark's authors; may be repeated: " + ", ".join(DEPARTURES)
    parser.add_argument("--departs", action="append", default=[], choices=DEPARTURES, metavar="NAME", help=departs)
    parser.add_argument("--title", default="", metavar="TEXT", help="tells apart several entries of one method")
    parser.add_argument("--note", default="", metavar="TEXT", help="anything readers should know")
    parser.add_argument("--again", action="store_true", help="although the same was submitted before")
    site = os.environ.get("FARFIELD_SITE_URL", DEFAULT_SITE)
    parser.add_argument("--site", default=site, metavar="URL", help=f"default: FARFIELD_SITE_URL, now {site}")
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="holds your token; default: FARFIELD_TOKEN")
    parser.set_defaults(run=_submit)


def _submit(args: argparse.Namespace) -> int:
    benchmark = find(args.benchmark, explain=True)
    what = HandIn(
        path=_path(benchmark, args),
        benchmark=benchmark.name,
        tier=_tier(benchmark, args.tier),
        method=args.method,
        summary=args.summary,
        track=args.track,
        claims=TrackClaims(
            backbone=args.backbone,
            pretraining=tuple(args.pretraining),
            extra_data=tuple(args.extra_data),
            departs=tuple(args.departs),
        ),
        title=args.title,
        note=args.note,
        again=args.again,
    )
    # Before the token, which only records that can be handed in are worth fetching for.
    content = packed(what)
    print(send(what, content, Site(url=args.site, token=_token(args.token_file))))
    return 0


def _path(benchmark: Benchmark, args: argparse.Namespace) -> Path:
    """Where the results lie, by the option that is called as their form is. Raises ConfigError for the other."""
    form = benchmark.handed_in
    option = form.kind if form is not None and hasattr(args, form.kind) else "predictions"
    given: Path | None = getattr(args, option) if form is not None else None
    if given is None:
        raise ConfigError(
            [f"results on {benchmark.name} are {form.noun if form else 'none'}: give them by their option"]
        )
    return given


def _tier(benchmark: Benchmark, name: str | None) -> str:
    names = [tier.name for tier in benchmark.plan.tiers]
    if name and name not in names:
        has = f"it has: {', '.join(names)}" if names else "it has none"
        raise ConfigError([f"--tier {name} is no tier of {benchmark.name}; {has}"])
    return name or (names[0] if names else "")


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
