"""`farfield benchmarks`, `farfield data import | list | verify | repair | remove | export` and `farfield score`."""

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from farfield.errors import PredictionsError, UnknownName
from farfield.terminal import publish
from farfield_evaluators import outcomes_command
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks, card_of, catalog, find
from farfield_evaluators.data.demo import NAME as DEMO
from farfield_evaluators.data.packs import Pack, PackError, current, imported, open_pack, read_pack, verify
from farfield_evaluators.data.repair import chosen_by, remove, repair
from farfield_evaluators.export import export_images
from farfield_evaluators.own.spec import SUITE
from farfield_evaluators.paths import packs_folder
from farfield_evaluators.plans.npz import NPZ
from farfield_evaluators.predictions import score_predictions
from farfield_evaluators.scoring import command as arrays
from farfield_evaluators.suite import ImportRequest
from farfield_evaluators.suite_loading import data_commands_of, score_commands_of
from farfield_evaluators.suites_command import say_refused
from farfield_evaluators.table import scores_table


def add_benchmarks(commands: Any) -> None:
    """Add `farfield benchmarks` to the subparsers."""
    parser = commands.add_parser("benchmarks", help="list the benchmarks, or print the card of one")
    parser.add_argument("name", nargs="?", help="print the card of this one, in Markdown")
    parser.set_defaults(run=_benchmarks)


def _benchmarks(args: argparse.Namespace) -> int:
    if args.name is not None:
        publish(card_of(args.name))
        return 0
    width = max((len(b.name) for b in benchmarks()), default=0)
    for b in benchmarks():
        print(f"{b.name:<{width}}  v{b.version}  {b.family:<14}  {b.summary}")
    say_refused()
    return 0


def add_data(commands: Any) -> None:
    """Add `farfield data` to the subparsers."""
    parser = commands.add_parser("data", help="import, list, verify, repair and remove data packs")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    importer = actions.add_parser("import", help="import a data set as a pack")
    importer.add_argument("name", help=f"which: {', '.join(catalog().importers)}")
    importer.add_argument("path", nargs="?", type=Path, help="your copy of the release, for data that are not shipped")
    importer.add_argument("--subset", action="store_true", help="take a part of the release; the pack says what it is")
    importer.add_argument("--report", type=Path, metavar="FILE", help="write all problems found, one a line")
    importer.set_defaults(run=_import)
    actions.add_parser("list", help="list the imported packs").set_defaults(run=_list)
    verifier = actions.add_parser("verify", help="recompute a pack's fingerprint from what is on disk")
    verifier.add_argument("name", nargs="?", help="which (default: all)")
    verifier.set_defaults(run=_verify)
    repairer = actions.add_parser("repair", help="mend a damaged pack: from its release, or from an intact copy of it")
    repairer.add_argument("name", help="which")
    repairer.add_argument(
        "path", nargs="?", type=Path, help="the release again, or a copy of the pack; nothing for data that are shipped"
    )
    repairer.add_argument("--subset", action="store_true", help="the pack was imported with --subset")
    repairer.set_defaults(run=_repair)
    remover = actions.add_parser("remove", help="delete a pack, damaged or not")
    remover.add_argument("pack", metavar="NAME|FINGERPRINT", help="all packs of a name, or one by its fingerprint")
    remover.add_argument("--yes", action="store_true", help="do not ask")
    remover.set_defaults(run=_remove)
    exporter = actions.add_parser("export", help="write a benchmark's test images, without labels, for your own code")
    exporter.add_argument("benchmark", help=", ".join(b.name for b in benchmarks()))
    exporter.add_argument("folder", type=Path, help="a new or empty folder")
    exporter.set_defaults(run=_export)
    _, refused = data_commands_of(catalog().installed, actions)
    parser.epilog = "; ".join(f"not used: {each}" for each in refused) or None


def add_score(commands: Any) -> None:
    """Add `farfield score` to the subparsers."""
    parser = commands.add_parser("score", help="score a file of predictions, exactly as the site does")
    says = (
        "of wilds: where the official file of results is written (default: here); of coco-fewshot: COCO's results JSON"
    )
    parser.add_argument("--results", type=Path, metavar="PATH", help=says)
    own, refused = score_commands_of(catalog().installed, parser)
    parser.add_argument("benchmark", help=", ".join([*(b.name for b in benchmarks()), *own, *arrays.NAMES]))
    parser.add_argument("file", type=Path, nargs="?", help="a .npz with ids, logits and for OOD detection scores")
    parser.add_argument("--json", action="store_true", help="print the scores as JSON")
    arrays.add_options(parser)
    outcomes_command.add_options(parser)
    parser.set_defaults(run=_score, usage_error=parser.error, own=own, refused=refused)


def _import(args: argparse.Namespace) -> int:
    _show(_bring(args.name, args.path, subset=args.subset, report=args.report))
    return 0


def _bring(name: str, path: Path | None, *, subset: bool, report: Path | None = None) -> Pack:
    """Import a data set by its name. Raises UnknownName, and what its importer raises."""
    importers = catalog().importers
    name = name if name in importers or f"{SUITE}/{name}" not in importers else f"{SUITE}/{name}"
    if name not in importers:
        say_refused()  # it may be one of those
        raise UnknownName("data set", name, list(importers))
    return importers[name].run(ImportRequest(path=path, packs=packs_folder(), subset=subset, report=report))


def _list(args: argparse.Namespace) -> int:
    names = imported(packs_folder())
    if not names:
        print(f"no pack is imported in {packs_folder()}; `farfield data import {DEMO}` brings the demo's")
    return max([_attempt(name, lambda name: _show(open_pack(packs_folder(), name))) for name in names], default=0)


def _verify(args: argparse.Namespace) -> int:
    """Each pack in turn: one that is damaged keeps no other from being looked at."""
    names = [args.name] if args.name else imported(packs_folder())
    if not names:
        print(f"no pack is imported in {packs_folder()}")
    return max([_attempt(name, _verify_one) for name in names], default=0)


def _verify_one(name: str) -> None:
    folder = packs_folder() / name / current(packs_folder(), name)
    pack = read_pack(folder)
    verify(pack)
    print(f"{pack.name} {pack.fingerprint}: intact")


def _attempt(name: str, look: Callable[[str], None]) -> int:
    """0, or 1 when the pack cannot be looked at, which is said."""
    try:
        look(name)
    except PackError as error:
        print(f"farfield: {error} [{error.code}]", file=sys.stderr)
        return 1
    return 0


def _repair(args: argparse.Namespace) -> int:
    print(repair(packs_folder(), args.name, args.path, partial(_bring, args.name, subset=args.subset)))
    return 0


def _remove(args: argparse.Namespace) -> int:
    chosen = chosen_by(packs_folder(), args.pack)
    for pack in chosen:
        print(f"{pack}  {pack.size() / 2**20:,.1f} MiB")
    if not (args.yes or _agreed()):
        print("nothing was removed")
        return 1
    remove(packs_folder(), chosen, chosen[0].name if chosen else args.pack)
    print("removed")
    return 0


def _agreed() -> bool:
    """What the person at the terminal says; without one, no."""
    try:
        return input("remove? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print("nobody answers here; --yes removes without asking", file=sys.stderr)
        return False


def _export(args: argparse.Namespace) -> int:
    benchmark = _of_one_evaluation(args.benchmark)
    pack = open_pack(packs_folder(), benchmark.pack)
    with pack.in_use():
        count = export_images(benchmark, pack, args.folder)
    print(f"wrote {count} images to {args.folder / 'test'}; hand in a row for each, see docs/predictions.md")
    return 0


def _of_one_evaluation(name: str) -> Benchmark:
    """The benchmark of that name. Raises PredictionsError for one whose results are no file of predictions."""
    benchmark = find(name, explain=True)
    form = benchmark.handed_in
    if form is not NPZ:
        runs = "its figures are of runs alone, whose outputs are not a row for each test example"
        instead = runs if form is None else f"its results are {form.noun}. {form.hint}"
        raise PredictionsError(f"{name} has no file of predictions: {instead}")
    return benchmark


def _score(args: argparse.Namespace) -> int:
    for refused in args.refused:
        print(f"farfield: not used: {refused}", file=sys.stderr)
    if args.outcomes is None:
        return _score_files(args)
    suites = any(command.is_used(args) for command in args.own.values())
    if args.file is not None or suites or arrays.is_used(args):
        args.usage_error("--outcomes FILE is all there is to score; leave out other files")
    return outcomes_command.score(args)


def _score_files(args: argparse.Namespace) -> int:
    used = [name for name, command in args.own.items() if command.is_used(args)]
    if args.benchmark in arrays.NAMES:
        if args.file is not None or used:
            args.usage_error(f"score {args.benchmark} takes files by name, and no --records")
        return arrays.score(args)
    if arrays.is_used(args):
        args.usage_error(
            f"--id, --ood, --near, --shift, --no-bootstrap, --set and --per-class are for {' and '.join(arrays.NAMES)}"
        )
    if args.benchmark in args.own:
        return int(args.own[args.benchmark].score(args))
    benchmark = _of_one_evaluation(args.benchmark)
    if args.file is None or used or args.results is not None:
        args.usage_error(f"score {benchmark.name} takes a file of predictions, and no --records or --results")
    pack = open_pack(packs_folder(), benchmark.pack)
    with pack.in_use():
        scores = score_predictions(benchmark, pack, args.file)
    as_json = json.dumps({"scores": [s.as_json() for s in scores]}, indent=1) + "\n"
    publish(as_json if args.json else scores_table(benchmark, scores))
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
