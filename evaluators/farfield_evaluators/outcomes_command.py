"""`farfield score BENCHMARK --outcomes FILE`: a run scored again from what was kept of it, by the scorers of today."""

import argparse
import json
from pathlib import Path

from farfield.terminal import publish
from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import open_pack
from farfield_evaluators.outcomes import read, rescore
from farfield_evaluators.paths import packs_folder
from farfield_evaluators.scoring.command import say_remarks
from farfield_evaluators.table import scores_table


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the option."""
    says = "score a run again from its kept outcomes (`manage.py outcomes path RUN`), with this machine's data"
    parser.add_argument("--outcomes", type=Path, metavar="FILE", help=says)


def score(args: argparse.Namespace) -> int:
    """Print the figures. Raises OutcomesError for a file of another benchmark or other data, or none at all."""
    benchmark = find(args.benchmark, explain=True)
    pack = open_pack(packs_folder(), benchmark.pack)
    with pack.in_use():
        figures = rescore(benchmark, pack, read(args.outcomes))
    as_json = json.dumps({"scores": [figure.as_json() for figure in figures]}, indent=1) + "\n"
    publish(as_json if args.json else scores_table(benchmark, figures))
    say_remarks(figures)
    return 0
