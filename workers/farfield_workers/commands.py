"""`farfield evaluate METHOD --benchmark B`: the worker's own path, on the author's machine, for one run or a plan."""

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from farfield.errors import ConfigError, FarfieldError, PredictionsError, did_you_mean
from farfield.settings import read_settings, split_pairs
from farfield.terminal import publish
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks, find
from farfield_evaluators.data.packs import open_pack
from farfield_evaluators.outcomes import write
from farfield_evaluators.paths import packs_folder, var_folder
from farfield_evaluators.plans.npz import NPZ
from farfield_evaluators.predictions import save_predictions
from farfield_evaluators.run_plan import Cell, Entrant, Local, NotRunnable, Option, cells_of, longest
from farfield_evaluators.seeds import base_seed
from farfield_evaluators.table import curve_table, scores_table
from farfield_workers.carrying import Carrier, Fixed, Learning
from farfield_workers.evaluation import Evaluator, Outcome, Request
from farfield_workers.execution import Progress
from farfield_workers.features import LIMITS as FEATURES
from farfield_workers.following import Follower, chosen_cells
from farfield_workers.held import cached_line, memory_line
from farfield_workers.installed import Installed, describe_installed
from farfield_workers.run_features import asks_texts, looks_up
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.base import GIB
from farfield_workers.sandbox.gauge import Reading
from farfield_workers.sandbox.nvml import gauge_of
from farfield_workers.sandbox.process import ProcessSandbox
from farfield_workers.sandbox.runtime import threads
from farfield_workers.settings import free_memory_gib

IDENTITY = "local"


def add_evaluate(commands: Any) -> None:
    """Add `farfield evaluate` to the subparsers."""
    parser = commands.add_parser("evaluate", help="evaluate an installed method, exactly as the site does")
    parser.add_argument("method", help="its name, as `farfield methods` lists it")
    parser.add_argument("--benchmark", required=True, help=", ".join(b.name for b in benchmarks()))
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting; may be repeated")
    parser.add_argument("--tier", metavar="NAME", help="how much of a benchmark's runs, where it has tiers")
    one = "only runs there, such as trial=0; `all` for every value; may be repeated"
    parser.add_argument("--cell", action="append", default=[], metavar="AXIS=VALUE", help=one)
    kept = "where runs are kept, and taken up again"
    parser.add_argument("--records", "--keep", type=Path, metavar="DIR", help=kept)
    at_once = "how many runs go side by side (default: one for each core, while there is memory for them)"
    parser.add_argument("--at-once", type=int, metavar="N", help=at_once)
    parser.add_argument("--gpu", metavar="UUID", help="make this GPU visible (default: none)")
    parser.add_argument("--save-predictions", type=Path, metavar="FILE", help="write the official predictions file")
    outcomes = "write what was said of each example, as Parquet, for `farfield score --outcomes`; it tells labels"
    parser.add_argument("--save-outcomes", type=Path, metavar="FILE", help=outcomes)
    parser.add_argument("--json", action="store_true", help="print the scores as JSON")
    for option in _options():
        action = "append" if option.axis else "store"
        parser.add_argument(option.flag, type=int, action=action, metavar="N", help=option.help)
    parser.set_defaults(run=_evaluate, usage_error=parser.error)


def _options() -> list[Option]:
    """Those that the plans of installed benchmarks have, each once."""
    return list({option.name: option for b in benchmarks() for option in b.plan.options}.values())


def _evaluate(args: argparse.Namespace) -> int:
    benchmark = _with_options(_that_runs(args.benchmark), args)
    tier = _tier(benchmark, args)
    most = replace(benchmark, plan=longest(benchmark.plan))
    _check_files(args, most, _cells(args, most, _entrant(benchmark, args.method), tier))
    sandbox = ProcessSandbox()
    installed = describe_installed(sandbox)
    for line in installed.refused:
        print(f"left out: {line}", file=sys.stderr)
    texts = split_pairs(args.set)
    runnable = Runnable(description=installed.method(args.method)).chosen(texts)
    benchmark = replace(benchmark, plan=benchmark.plan.for_method(runnable.description))
    entrant = _entrant(benchmark, runnable.called)
    cells = _cells(args, benchmark, entrant, tier)
    request = Request(
        benchmark=benchmark,
        pack=open_pack(packs_folder(), benchmark.pack),
        runnable=runnable,
        cell=cells[0],
        tier=tier,
        config=read_settings(benchmark.plan.settings(runnable.description), texts),
        gpu=args.gpu,
        base_seed=base_seed(IDENTITY, benchmark.name),
    )
    evaluator = Evaluator(installed, sandbox, var_folder())
    with request.pack.in_use():
        if args.records is None and benchmark.plan.usual and len(cells) == 1:
            return _one(args, evaluator, request)
        return _several(args, evaluator, request, entrant, cells)


def _that_runs(name: str) -> Benchmark:
    """The benchmark of that name. Raises NotRunnable for one that only takes results made elsewhere."""
    benchmark = find(name, explain=True)
    if benchmark.no_methods:
        takes = benchmark.handed_in.noun if benchmark.handed_in else "them"
        raise NotRunnable(f"{benchmark.no_methods} `farfield score` scores {takes}, `farfield submit` publishes them")
    return benchmark


def _entrant(benchmark: Benchmark, method: str) -> Entrant:
    return Entrant(identity=IDENTITY, benchmark=benchmark.name, method=method)


def _cells(args: argparse.Namespace, benchmark: Benchmark, entrant: Entrant, tier: str) -> tuple[Cell, ...]:
    return chosen_cells(benchmark.plan, cells_of(benchmark.plan, tier, entrant), _wanted(benchmark, args))


def _one(args: argparse.Namespace, evaluator: Evaluator, request: Request) -> int:
    """One run, of which nothing is kept but what is asked for."""
    terminal = _Terminal(quiet=args.json)
    outcome = evaluator.run(request, terminal)
    terminal.log(memory_line(outcome.memory) + cached_line(outcome.cached))
    # The figures first: they took the time, and whatever may be wrong with a file, they are seen.
    try:
        publish(_shown(args, request.benchmark, outcome))
    finally:
        if args.save_predictions:
            _save(request, outcome, args.save_predictions)
        if args.save_outcomes and outcome.evidence.outcomes:
            write(outcome.evidence.outcomes, args.save_outcomes)
    return 0


def _several(
    args: argparse.Namespace, evaluator: Evaluator, request: Request, entrant: Entrant, cells: Sequence[Cell]
) -> int:
    """Run what is missing, then print what there is; that is printed, too, when a run fails."""
    local = Local(
        benchmark=request.benchmark,
        tier=request.tier,
        entrant=entrant,
        description=request.description,
        config=request.config,
    )
    folder = args.records or default_folder(args, request.tier)
    store = request.benchmark.plan.store(folder, local)
    follower = Follower(
        evaluator=lambda of: replace(evaluator, sandbox=ProcessSandbox(threads=max(1, threads() // of))),
        store=store,
        request_for=lambda cell: replace(request, cell=cell),
        carrier=_carrier(args, request, evaluator.installed),
    )
    form = "json" if args.json else "text"
    try:
        made = follower.run(cells, _Terminal(quiet=args.json))
    except FarfieldError:
        if any(store.has(cell) for cell in cells):
            publish(store.report(form))
        raise
    print(f"{made} runs made; the records are in {folder}", file=sys.stderr)
    publish(store.report(form))
    return 0


def _carrier(args: argparse.Namespace, request: Request, installed: Installed) -> Carrier:
    """How many runs go side by side: as was asked for, or as many as the machine carries."""
    if args.at_once is not None and args.at_once < 1:
        args.usage_error("argument --at-once: at least one run goes at a time")
    if args.at_once is not None:
        return Fixed(args.at_once)
    return Learning(
        cores=threads(),
        declared=request.description["resources"]["memory_gib"],
        free=free_memory_gib,
        computing=FEATURES.memory_bytes / GIB if looks_up(request.description, request.config) else 0,
        beside=asks_texts(request.description, request.config, installed),
        device_free=partial(_device_free, args.gpu) if args.gpu else None,
    )


def _device_free(gpu: str) -> float | None:
    """GiB of the GPU's memory that nobody holds; None where its driver does not tell."""
    gauge = gauge_of(gpu)
    free = gauge.free() if gauge else None
    return None if free is None else free / GIB


def default_folder(args: argparse.Namespace, tier: str) -> Path:
    """One folder for each method, benchmark, tier and setting, so that only the same is taken up again."""
    suite, _, variant = str(args.benchmark).partition("/")
    changed = {o.name: value for o in _options() if not o.axis and (value := getattr(args, o.name)) is not None}
    others = [f"{value}-{name}" for name, value in changed.items()]
    words = [word for word in (variant, args.method, tier, *sorted(args.set), *others) if word]
    return var_folder() / suite / re.sub(r"[^A-Za-z0-9.=-]+", "_", "-".join(words))


def _with_options(benchmark: Benchmark, args: argparse.Namespace) -> Benchmark:
    """The benchmark with the options of its plan. Raises ConfigError for those of others, which it would pass over."""
    own = {option.name for option in benchmark.plan.options}
    given = {o.name: o for o in _options() if getattr(args, o.name) is not None}
    foreign = [f"{o.flag} is not for {benchmark.name}; {_has(benchmark)}" for n, o in given.items() if n not in own]
    if foreign:
        raise ConfigError(foreign)
    values = {name: getattr(args, name) for name, option in given.items() if not option.axis}
    return replace(benchmark, plan=benchmark.plan.changed(values)) if values else benchmark


def _has(benchmark: Benchmark) -> str:
    tier = "--tier says how much of its runs are made, " if benchmark.plan.tiers else ""
    return f"{tier}--cell chooses among {', '.join(axis.name for axis in benchmark.plan.axes)}"


def _tier(benchmark: Benchmark, args: argparse.Namespace) -> str:
    names = [tier.name for tier in benchmark.plan.tiers]
    if args.tier is not None and not names:
        raise ConfigError([f"--tier {args.tier} is not for {benchmark.name}: it has no tiers"])
    if args.tier is not None and args.tier not in names:
        near = did_you_mean(args.tier, names)
        args.usage_error(f"argument --tier: {benchmark.name} has no tier {args.tier}{near}; it has: {', '.join(names)}")
    return args.tier or benchmark.plan.usual_tier


def _wanted(benchmark: Benchmark, args: argparse.Namespace) -> Mapping[str, Sequence[str]]:
    """By axis, what was given by --cell and by the options that are short for it. Raises ConfigError."""
    wanted: dict[str, list[str]] = {}
    for pair in args.cell:
        name, equals, value = pair.partition("=")
        if not equals:
            raise ConfigError([f"--cell takes AXIS=VALUE, not {pair}; {_has(benchmark)}"])
        wanted.setdefault(name, []).append(value)
    for option in benchmark.plan.options:
        if option.axis and getattr(args, option.name) is not None:
            wanted.setdefault(option.axis, []).extend(map(str, getattr(args, option.name)))
    return wanted


def _check_files(args: argparse.Namespace, benchmark: Benchmark, cells: Sequence[Cell]) -> None:
    """Raises where predictions or outcomes cannot be saved, before any is made."""
    for option, path in (("--save-predictions", args.save_predictions), ("--save-outcomes", args.save_outcomes)):
        if path is None:
            continue
        if benchmark.handed_in is not NPZ:
            raise ConfigError([f"{option} is not for {benchmark.name}, whose results are no file of predictions"])
        if args.records is not None or len(cells) > 1:
            raise ConfigError([f"{option} is for one run, of which nothing else is kept"])
        if not path.parent.is_dir():
            raise PredictionsError(f"the folder of {path.name} does not exist; make it first")


def _shown(args: argparse.Namespace, benchmark: Benchmark, outcome: Outcome) -> str:
    if args.json:
        return json.dumps(_as_json(outcome), indent=1) + "\n"
    return f"{scores_table(benchmark, outcome.evidence.figures)}{curve_table(benchmark, outcome.curve)}"


def _as_json(outcome: Outcome) -> dict[str, Any]:
    scores = [figure.as_json() for figure in outcome.evidence.figures]
    values: dict[str, Any] = {"scores": scores, "seconds": outcome.seconds}
    values |= {"memory": asdict(outcome.memory)} if outcome.memory else {}
    values |= {"cached": dict(outcome.cached)} if outcome.cached else {}
    return values | ({"curve": [point.as_json() for point in outcome.curve]} if outcome.curve else {})


def _save(request: Request, outcome: Outcome, path: Path) -> None:
    truth, family = outcome.staged.truth, request.benchmark.family
    differing = save_predictions(path, request.pack, truth, family, outcome.arrays)
    if differing:
        sys.stderr.write(
            f"{differing} images have an identical twin with other predictions; the file holds the first's, and its "
            "scores can differ from this run's\n"
        )


class _Terminal:
    """Progress on standard error, so that standard output holds the scores alone.

    How far a stage is stands in one line that is written over, and nowhere where nobody watches it: in a file, say.
    """

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._back = "\r" if sys.stderr.isatty() else ""

    def stage(self, name: str) -> None:
        self._say(f"\r{name:<60}\n" if self._back else f"{name}\n")

    def progress(self, progress: Progress) -> None:
        if self._back:
            self._say(f"\r  {progress.phase} {progress.done}/{progress.total}".ljust(60))

    def log(self, text: str) -> None:
        self._say(self._back + text)

    def used(self, reading: Reading) -> None:
        return None

    def alive(self) -> None:
        return None

    def _say(self, text: str) -> None:
        if not self._quiet:
            sys.stderr.write(text)
            sys.stderr.flush()
