"""`farfield submit`: enter a package, results that were made elsewhere, an image, or a method that a site has."""

import argparse
import json
from pathlib import Path
from typing import Any

from farfield.client.commands.common import add_token_file, bar, command, say, show, site_of
from farfield.client.commands.following import ENDS, followed
from farfield.client.packets import Packet
from farfield.client.site import Site
from farfield.departures import DEPARTURES
from farfield.errors import UsageError
from farfield.method import TrackClaims
from farfield.settings import read_settings, split_pairs


def add_submit(commands: Any) -> None:
    """Add `farfield submit` to the subparsers."""
    parser = command(
        commands,
        "submit",
        "enter a package, results that were made elsewhere, an image, or a method that the site has",
        "submit --package dist/my_method-1.0-py3-none-any.whl --benchmark imagenet-ood/mini --track open --watch",
        "submit --method constant --set bias=0.2 --benchmark imagenet-ood/mini --track open",
        "submit --predictions mine.npz --benchmark imagenet-ood/mini --track open --method mine "
        '--backbone resnet50 --summary "What it does."',
        more=f"With --watch also {ENDS}",
    )
    add_token_file(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--package", type=Path, metavar="FILE", help="a wheel or an sdist with a plugin")
    what.add_argument("--predictions", type=Path, metavar="PATH", help="a file or folder, see docs/predictions.md")
    what.add_argument("--records", type=Path, metavar="DIR", help="a folder of run folders, of a sweep")
    what.add_argument("--image", default="", metavar="NAME", help="a container image, as name@sha256:... or sha256:...")
    parser.add_argument("--benchmark", required=True, metavar="NAME", help="such as imagenet-ood/mini")
    parser.add_argument("--track", required=True, metavar="NAME", help="as the benchmark's page lists them")
    parser.add_argument("--tier", default="", metavar="NAME", help="where there are tiers (default: the usual one)")
    named = "one of the site, of a package that has several, or what results are called on the board"
    parser.add_argument("--method", default="", metavar="NAME", help=named)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting; may be repeated")
    parser.add_argument("--summary", default="", metavar="TEXT", help="of results: one line, what the method does")
    parser.add_argument("--backbone", default="", metavar="NAME", help="of results: the network, such as resnet50")
    for name, of in (("pretraining", "data of a pre-trained part"), ("extra-data", "further data it learned from")):
        parser.add_argument(
            f"--{name}", action="append", default=[], metavar="NAME", help=f"{of}, of results; repeatable"
        )
    departs = "of results: how it leaves the rules of the benchmark's authors; repeatable: " + ", ".join(DEPARTURES)
    parser.add_argument("--departs", action="append", default=[], choices=DEPARTURES, metavar="NAME", help=departs)
    parser.add_argument("--title", default="", metavar="TEXT", help="tells apart several entries of one method")
    parser.add_argument("--note", default="", metavar="TEXT", help="anything readers should know")
    parser.add_argument("--team", default="", metavar="NAME", help="one that you are in; shown on boards")
    answer = "to a question of the benchmark; may be repeated"
    parser.add_argument("--answer", action="append", default=[], metavar="KEY=VALUE", help=answer)
    parser.add_argument("--again", action="store_true", help="although the same was submitted before")
    parser.add_argument("--watch", action="store_true", help="then follow it until it ends")
    parser.set_defaults(run=_submit)


def _submit(args: argparse.Namespace) -> int:
    site = site_of(args)
    packet = _packet(args, site)
    with bar("sending") as told:
        entry = site.submit(packet, told=told)
    if not args.watch:
        show(args, entry.said, entry.page)
        return 0
    say(f"{entry.page}: {entry.status}")
    return followed(site, entry.number, as_json=args.json)


def _packet(args: argparse.Namespace, site: Site) -> Packet:
    """Raises UsageError for what is missing, before anything is sent."""
    results = args.predictions or args.records
    lacking = [f"--{n}" for n in ("method", "summary", "backbone") if not getattr(args, n)] if results else []
    if lacking:
        raise UsageError(f"results need {', '.join(lacking)} too: the board says what they are of")
    claims = TrackClaims(
        backbone=args.backbone,
        pretraining=tuple(args.pretraining),
        extra_data=tuple(args.extra_data),
        departs=tuple(args.departs),
    )
    if not results and (args.backbone or args.pretraining or args.extra_data or args.departs or args.summary):
        raise UsageError("--summary, --backbone and what follows it are of results; a method declares them itself")
    return Packet(
        benchmark=args.benchmark,
        track=args.track,
        tier=args.tier,
        method=args.method,
        config=_config(args, site),
        package=args.package,
        predictions=args.predictions,
        records=args.records,
        image=args.image,
        claims=claims if results else None,
        summary=args.summary,
        title=args.title,
        note=args.note,
        team=args.team,
        answers=split_pairs(args.answer),
        again=args.again,
    )


def _config(args: argparse.Namespace, site: Site) -> dict[str, Any]:
    """Settings by the method's own types where the site has it; of what is only being sent, as JSON has them."""
    texts = split_pairs(args.set)
    if not texts:
        return {}
    if args.package or args.image:
        return {name: _value(text) for name, text in texts.items()}
    return dict(read_settings(site.method(args.method)["spec"]["config_schema"], texts))


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
