"""Records: DomainBed's results.jsonl, one line for each checkpoint of a run, as a value.

A record keeps everything its line holds, so that reading and writing again gives the same line.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from farfield_evaluators.suites.domainbed.dataset import HOLDOUT_FRACTION
from farfield_evaluators.suites.domainbed.sweep import Cell

DOMAIN_GENERALIZATION, DOMAIN_ADAPTATION = "domain_generalization", "domain_adaptation"
UNLABELED = "uda_holdout_fraction"  # by DomainBed's name: the share of a held-out in-split that training sees
RESULTS, DONE = "results.jsonl", "done"
# The arguments that name the folder of a run in DomainBed's sweep; the last two only where they are set.
FOLDER_ARGS = (
    *("dataset", "algorithm", "test_envs", "holdout_fraction", "hparams_seed", "data_dir", "task"),
    *("trial_seed", "seed"),
)
OPTIONAL_FOLDER_ARGS = ("steps", "hparams")


@dataclass(frozen=True, kw_only=True)
class Record:
    """One checkpoint of a run.

    in_acc and out_acc [E] are the accuracies (0..1) on the in- and out-splits of all E environments, test environments
    included. `args` and `hparams` are the run's; `values` holds what else the line has: epoch, losses, times.
    """

    step: int
    in_acc: tuple[float, ...]
    out_acc: tuple[float, ...]
    args: Mapping[str, Any]
    hparams: Mapping[str, Any]
    values: Mapping[str, Any] = field(default_factory=dict)
    where: str = field(default="", compare=False)  # file and line, for messages

    @property
    def cell(self) -> Cell:
        """The run it is of, with the test environments in ascending order."""
        return Cell(
            dataset=self.args["dataset"],
            algorithm=self.args["algorithm"],
            test_envs=tuple(sorted(self.args["test_envs"])),
            hparams_seed=self.args["hparams_seed"],
            trial_seed=self.args["trial_seed"],
        )


def to_line(record: Record) -> str:
    """The line of results.jsonl, without its end: keys sorted, numbers as Python prints them."""
    accuracies = {
        f"env{i}_{part}_acc": value
        for part, values in (("in", record.in_acc), ("out", record.out_acc))
        for i, value in enumerate(values)
    }
    whole = {**record.values, **accuracies, "step": record.step, "args": record.args, "hparams": record.hparams}
    return json.dumps(whole, sort_keys=True)


def run_args(
    cell: Cell,
    *,
    steps: int | None = None,
    checkpoint_freq: int | None = None,
    hparams: Mapping[str, Any] | None = None,
    data_dir: str = "",
    output_dir: str = "",
    unlabeled: float = 0.0,
) -> dict[str, Any]:
    """The `args` of a run as DomainBed's train script writes them; None stands for the data set's own.

    `hparams` are those that were set by hand, in place of the defaults or the draw: they are part of the folder's name.
    """
    return {
        "algorithm": cell.algorithm,
        "checkpoint_freq": checkpoint_freq,
        "data_dir": data_dir,
        "dataset": cell.dataset,
        "holdout_fraction": HOLDOUT_FRACTION,
        "hparams": json.dumps(hparams, sort_keys=True) if hparams else None,
        "hparams_seed": cell.hparams_seed,
        "output_dir": output_dir,
        "save_model_every_checkpoint": False,
        "seed": cell.seed,
        "skip_model_save": False,
        "steps": steps,
        "task": task_of(unlabeled),
        "test_envs": list(cell.test_envs),
        "trial_seed": cell.trial_seed,
        UNLABELED: unlabeled or 0,
    }


def task_of(unlabeled: float) -> str:
    """DomainBed's name for what is done with this share of unlabeled images of the held-out environment."""
    return DOMAIN_ADAPTATION if unlabeled else DOMAIN_GENERALIZATION


def folder_name(args: Mapping[str, Any]) -> str:
    """The name of a run's folder in DomainBed's sweep: with the same `data_dir`, its scripts see the run as theirs."""
    named = {name: args[name] for name in FOLDER_ARGS}
    named |= {name: args[name] for name in OPTIONAL_FOLDER_ARGS if args.get(name) is not None}
    return hashlib.md5(json.dumps(named, sort_keys=True).encode(), usedforsecurity=False).hexdigest()


def by_cell(records: Iterable[Record]) -> dict[Cell, list[Record]]:
    """The records of each run, by step."""
    found: dict[Cell, list[Record]] = {}
    for record in sorted(records, key=lambda r: r.step):
        found.setdefault(record.cell, []).append(record)
    return found
