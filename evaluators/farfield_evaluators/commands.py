"""`farfield benchmarks`, `farfield data import | list | verify | export` and `farfield score`."""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from farfield import Benchmark
from farfield.errors import PredictionsError, UnknownName
from farfield_evaluators.catalog import BENCHMARKS, find
from farfield_evaluators.data.demo import NAME as DEMO
from farfield_evaluators.data.demo import import_demo
from farfield_evaluators.data.domainbed.importers import NAMES as DOMAINBED
from farfield_evaluators.data.domainbed.importers import Request, import_domainbed
from farfield_evaluators.data.imagenet.importers import NAMES as IMAGENET
from farfield_evaluators.data.imagenet.importers import import_imagenet
from farfield_evaluators.data.packs import Pack, PackError, list_packs, open_pack, verify
from farfield_evaluators.domainbed import command as domainbed
from farfield_evaluators.export import export_images
from farfield_evaluators.paths import packs_folder
from farfield_evaluators.predictions import score_predictions
from farfield_evaluators.scoring import command as arrays
from farfield_evaluators.table import print_scores

IMPORTERS: dict[str, Callable[[Path], Pack]] = {DEMO: import_demo}


def add_benchmarks(commands: Any) -> None:
    """Add `farfield benchmarks` to the subparsers."""
    commands.add_parser("benchmarks", help="list the benchmarks").set_defaults(run=_benchmarks)


def _benchmarks(args: argparse.Namespace) -> int:
    width = max(len(b.name) for b in BENCHMARKS)
    for b in BENCHMARKS:
        print(f"{b.name:<{width}}  v{b.version}  {b.family:<14}  {b.summary}")
    return 0


def add_data(commands: Any) -> None:
    """Add `farfield data` to the subparsers."""
    parser = commands.add_parser("data", help="import, list and verify data packs")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    importer = actions.add_parser("import", help="import a data set as a pack")
    importer.add_argument("name", help=f"which: {', '.join([*IMPORTERS, *DOMAINBED, *IMAGENET])}")
    importer.add_argument("path", nargs="?", type=Path, help="your copy of the release, for data that are not shipped")
    importer.add_argument("--subset", action="store_true", help="take a part of the release; the pack says what it is")
    importer.add_argument("--report", type=Path, metavar="FILE", help="write all problems found, one a line")
    importer.set_defaults(run=_import)
    actions.add_parser("list", help="list the imported packs").set_defaults(run=_list)
    verifier = actions.add_parser("verify", help="recompute a pack's fingerprint from what is on disk")
    verifier.add_argument("name", nargs="?", help="which (default: all)")
    verifier.set_defaults(run=_verify)
    exporter = actions.add_parser("export", help="write a benchmark's test images, without labels, for your own code")
    exporter.add_argument("benchmark", help=", ".join(b.name for b in BENCHMARKS))
    exporter.add_argument("folder", type=Path, help="a new or empty folder")
    exporter.set_defaults(run=_export)


def add_score(commands: Any) -> None:
    """Add `farfield score` to the subparsers."""
    parser = commands.add_parser("score", help="score a file of predictions, exactly as the site does")
    parser.add_argument("benchmark", help=", ".join([*(b.name for b in BENCHMARKS), domainbed.NAME, *arrays.NAMES]))
    parser.add_argument("file", type=Path, nargs="?", help="a .npz with ids, logits and for OOD detection scores")
    parser.add_argument("--json", action="store_true", help="print the scores as JSON")
    domainbed.add_options(parser)
    arrays.add_options(parser)
    parser.set_defaults(run=_score, usage_error=parser.error)


def _import(args: argparse.Namespace) -> int:
    if args.name in DOMAINBED:
        request = Request(path=args.path, packs=packs_folder(), subset=args.subset, report=args.report)
        _show(import_domainbed(args.name, request))
        return 0
    if args.name in IMAGENET:
        _show(import_imagenet(args.name, args.path, packs_folder(), subset=args.subset, report=args.report))
        return 0
    if args.name not in IMPORTERS:
        raise UnknownName("data set", args.name, [*IMPORTERS, *DOMAINBED, *IMAGENET])
    if args.path is not None or args.subset:
        raise PackError(f"{args.name} comes with the distribution `farfield-demo`; it takes no PATH and no --subset")
    _show(IMPORTERS[args.name](packs_folder()))
    return 0


def _list(args: argparse.Namespace) -> int:
    packs = list_packs(packs_folder())
    if not packs:
        print(f"no pack is imported in {packs_folder()}; `farfield data import {DEMO}` brings the demo's")
    for pack in packs:
        _show(pack)
    return 0


def _verify(args: argparse.Namespace) -> int:
    packs = [open_pack(packs_folder(), args.name)] if args.name else list_packs(packs_folder())
    for pack in packs:
        verify(pack)
        print(f"{pack.name} {pack.fingerprint}: intact")
    return 0


def _export(args: argparse.Namespace) -> int:
    benchmark = _of_one_evaluation(args.benchmark)
    count = export_images(benchmark, open_pack(packs_folder(), benchmark.pack), args.folder)
    print(f"wrote {count} images to {args.folder / 'test'}; hand in a row for each, see docs/predictions.md")
    return 0


def _of_one_evaluation(name: str) -> Benchmark:
    """The benchmark of that name. Raises PredictionsError for a sweep, whose results are records of training."""
    benchmark = find(name)
    if benchmark.is_sweep:
        says = "is a sweep of runs that train: it has no file of predictions, but records"
        raise PredictionsError(f"{name} {says}; `farfield score {domainbed.NAME} --records DIR` scores those")
    return benchmark


def _score(args: argparse.Namespace) -> int:
    if args.benchmark in arrays.NAMES:
        if args.file is not None or args.records is not None:
            args.usage_error(f"score {args.benchmark} takes files by name, and no --records")
        return arrays.score(args)
    if arrays.is_used(args):
        args.usage_error(f"--id, --ood, --near, --shift, --set and --per-class are for {' and '.join(arrays.NAMES)}")
    if args.benchmark == domainbed.NAME:
        if args.records is None or args.file is not None:
            args.usage_error(f"score {domainbed.NAME} takes --records DIR, and no file")
        return domainbed.score(args)
    benchmark = _of_one_evaluation(args.benchmark)
    if args.file is None or args.records is not None:
        args.usage_error(f"score {benchmark.name} takes a file of predictions, and no --records")
    scores = score_predictions(benchmark, open_pack(packs_folder(), benchmark.pack), args.file)
    if args.json:
        print(json.dumps({"scores": [asdict(s) for s in scores]}, indent=1))
    else:
        print_scores(benchmark, scores)
    arrays.say_remarks(scores)
    return 0


def _show(pack: Pack) -> None:
    counts = pack.counts()
    print(f"{pack.name}  {pack.fingerprint}  {sum(counts.values())} images, {len(pack.classes)} classes, {pack.title}")
    for note in ((f"release {pack.release}",) if pack.official and pack.release else ()) + pack.notes:
        print(f"  {note}")
    if not pack.official:
        print("  not the official data: results on it compare only with results on the same pack")
    for name, count in counts.items():
        print(f"  {name:<24} {count:>6}")
