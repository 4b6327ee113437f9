"""`farfield evaluate METHOD --benchmark domainbed/...`: a sweep on this machine, and the table it gives."""

import argparse
import re
import sys
from pathlib import Path

from farfield.config import JsonObject
from farfield.settings import read_settings, split_pairs
from farfield.terminal import publish
from farfield_evaluators.data.packs import open_pack
from farfield_evaluators.paths import packs_folder, var_folder
from farfield_evaluators.suites.domainbed.by_hand import as_space, sweep_schema
from farfield_evaluators.suites.domainbed.datasets import DATASETS, DataSet, find
from farfield_evaluators.suites.domainbed.folder import read_sweep
from farfield_evaluators.suites.domainbed.formats import FORMATS
from farfield_evaluators.suites.domainbed.selection import rules_for
from farfield_evaluators.suites.domainbed.sweep import SMOKE, TIERS, tier
from farfield_evaluators.suites.domainbed.tables import report
from farfield_workers.cells import Trainer, takes_features
from farfield_workers.evaluation import Description, Entrant
from farfield_workers.execution import Observer
from farfield_workers.generalization import Sweeper, SweepRequest
from farfield_workers.installed import describe_installed
from farfield_workers.sandbox.process import ProcessSandbox

PREFIX = "domainbed/"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that only a sweep has."""
    group = parser.add_argument_group("for benchmarks domainbed/...")
    tiers = [t.name for t in TIERS]
    group.add_argument("--tier", choices=tiers, help=f"how much of the sweep (default: {SMOKE.name})")
    group.add_argument("--records", type=Path, metavar="DIR", help="where runs are kept, and taken up again")
    group.add_argument("--test-env", type=int, action="append", metavar="N", help="only these held out")
    group.add_argument("--steps", type=int, metavar="N", help="another number of steps than the protocol's")


def evaluate(args: argparse.Namespace, observer: Observer) -> int:
    """Run what is missing of the sweep, then print the tables of what there is."""
    dataset = find(args.benchmark)
    sandbox = ProcessSandbox()
    texts = split_pairs(args.set)
    installed = describe_installed(sandbox)
    description = installed.method(args.method)
    request = SweepRequest(
        dataset=dataset,
        pack=open_pack(packs_folder(), dataset.pack),
        entrant=Entrant(description=description),
        tier=tier(args.tier or SMOKE.name),
        records=args.records or default_folder(args),
        config=read_settings(_schema(description, dataset), texts),
        test_envs=frozenset(args.test_env or ()),
        steps=args.steps,
        gpu=args.gpu,
    )
    trainer = Trainer(installed=installed, sandbox=sandbox, var=var_folder())
    with request.pack.in_use():
        made = Sweeper(trainer=trainer).run(request, observer)
    print(f"{len(made)} runs made; the records are in {request.records}", file=sys.stderr)
    sweep = read_sweep(request.records, partial=True)
    tables = report(sweep.records, rules_for(sweep.records))
    publish(FORMATS["json" if args.json else "text"](tables, len(sweep.records)))
    return 0


def _schema(description: Description, dataset: DataSet) -> JsonObject:
    space = as_space(dataset, features=takes_features(description))
    return sweep_schema(description["config_schema"], description["name"], space)


def default_folder(args: argparse.Namespace) -> Path:
    """One folder for each method, data set, tier and setting, so that only the same is taken up again."""
    steps = [] if args.steps is None else [f"{args.steps}-steps"]
    words = [args.benchmark.removeprefix(PREFIX), args.method, args.tier or SMOKE.name, *sorted(args.set), *steps]
    return var_folder() / "domainbed" / re.sub(r"[^A-Za-z0-9.=-]+", "_", "-".join(words))


def known(benchmark: str) -> bool:
    """Whether it is a benchmark of this family."""
    return any(d.benchmark == benchmark for d in DATASETS)
