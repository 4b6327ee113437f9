"""`farfield evaluate METHOD --benchmark B`: the worker's own path, on the author's machine."""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from farfield.errors import ConfigError, PredictionsError
from farfield.settings import read_settings, split_pairs
from farfield.terminal import publish
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks, find
from farfield_evaluators.data.packs import open_pack
from farfield_evaluators.paths import packs_folder, var_folder
from farfield_evaluators.predictions import save_predictions
from farfield_evaluators.seeds import run_seed
from farfield_evaluators.table import curve_table, scores_table
from farfield_workers import sweep_command
from farfield_workers.evaluation import Evaluated, Evaluator, Request
from farfield_workers.execution import Progress
from farfield_workers.held import memory_line
from farfield_workers.installed import describe_installed
from farfield_workers.sandbox.process import ProcessSandbox


def add_evaluate(commands: Any) -> None:
    """Add `farfield evaluate` to the subparsers."""
    parser = commands.add_parser("evaluate", help="evaluate an installed method, exactly as the site does")
    parser.add_argument("method", help="its name, as `farfield methods` lists it")
    parser.add_argument("--benchmark", required=True, help=", ".join(b.name for b in benchmarks()))
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting; may be repeated")
    parser.add_argument("--trial", type=int, metavar="N", help="which trial's seed to use (default: 0)")
    parser.add_argument("--gpu", metavar="UUID", help="make this GPU visible (default: none)")
    parser.add_argument("--save-predictions", type=Path, metavar="FILE", help="write the official predictions file")
    parser.add_argument("--json", action="store_true", help="print the scores as JSON")
    sweep_command.add_options(parser)
    parser.set_defaults(run=_evaluate)


def _evaluate(args: argparse.Namespace) -> int:
    if sweep_command.known(args.benchmark):
        _refuse_options_of_one_run(args)
        return sweep_command.evaluate(args, _Terminal(quiet=args.json))
    _refuse_options_of_a_sweep(args)
    benchmark = find(args.benchmark)
    texts = split_pairs(args.set)
    if args.save_predictions and not args.save_predictions.parent.is_dir():
        raise PredictionsError(f"the folder of {args.save_predictions.name} does not exist; make it first")
    sandbox = ProcessSandbox()
    installed = describe_installed(sandbox)
    for line in installed.refused:
        print(f"left out: {line}", file=sys.stderr)
    request = Request(
        benchmark=benchmark,
        pack=open_pack(packs_folder(), benchmark.pack),
        method=args.method,
        config=read_settings(installed.method(args.method)["config_schema"], texts),
        seed=run_seed("local", benchmark.name, args.trial or 0),
        gpu=args.gpu,
    )
    terminal = _Terminal(quiet=args.json)
    with request.pack.in_use():
        evaluated = Evaluator(installed, sandbox, var_folder()).run(request, terminal)
    terminal.log(memory_line(evaluated.memory))
    # The figures first: they took the time, and whatever may be wrong with a file, they are seen.
    try:
        publish(_shown(args, benchmark, evaluated))
    finally:
        if args.save_predictions:
            _save(request, evaluated, args.save_predictions)
    return 0


def _shown(args: argparse.Namespace, benchmark: Benchmark, evaluated: Evaluated) -> str:
    if args.json:
        return json.dumps(_as_json(evaluated), indent=1) + "\n"
    return f"{scores_table(benchmark, evaluated.scores)}{curve_table(benchmark, evaluated.curve)}"


def _as_json(evaluated: Evaluated) -> dict[str, Any]:
    found: dict[str, Any] = {"scores": [s.as_json() for s in evaluated.scores], "seconds": evaluated.seconds}
    found |= {"memory": asdict(evaluated.memory)} if evaluated.memory else {}
    return found | ({"curve": [p.as_json() for p in evaluated.curve]} if evaluated.curve else {})


def _refuse_options_of_one_run(args: argparse.Namespace) -> None:
    """Raises ConfigError where one was given for a sweep, which would pass over it."""
    given = {"--trial": args.trial, "--save-predictions": args.save_predictions}
    _refuse(args, given, "its --tier says which trials are run, and --records keeps what they give")


def _refuse_options_of_a_sweep(args: argparse.Namespace) -> None:
    given = {"--tier": args.tier, "--records": args.records, "--test-env": args.test_env, "--steps": args.steps}
    _refuse(args, given, "it is no sweep, but one run; --trial chooses its seed")


def _refuse(args: argparse.Namespace, given: Mapping[str, object], instead: str) -> None:
    """Raises ConfigError for each of these options that has a value."""
    problems = [f"{name} is not for {args.benchmark}: {instead}" for name, value in given.items() if value is not None]
    if problems:
        raise ConfigError(problems)


def _save(request: Request, evaluated: Evaluated, path: Path) -> None:
    differing = save_predictions(path, request.pack, evaluated.truth, request.benchmark.family, evaluated.arrays)
    if differing:
        sys.stderr.write(
            f"{differing} images have an identical twin with other predictions; the file holds the first's, and its "
            "scores can differ from this run's\n"
        )


class _Terminal:
    """Progress on standard error, so that standard output holds the scores alone."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet

    def stage(self, name: str) -> None:
        self._say(f"\r{name:<60}\n")

    def progress(self, progress: Progress) -> None:
        self._say(f"\r  {progress.phase} {progress.done}/{progress.total}".ljust(60))

    def log(self, text: str) -> None:
        self._say("\r" + text)

    def alive(self) -> None:
        return None

    def _say(self, text: str) -> None:
        if not self._quiet:
            sys.stderr.write(text)
            sys.stderr.flush()
