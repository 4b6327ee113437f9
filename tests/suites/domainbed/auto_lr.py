"""Runs as DomainBed's `train_autolr.py` leaves them, made of a rule, so that DomainBed and we read the same files."""

import json
from pathlib import Path
from typing import Any

from farfield_evaluators.suites.domainbed.records import DONE, RESULTS, run_args
from farfield_evaluators.suites.domainbed.sweep import Cell

ENVIRONMENTS, TRIALS, DRAWS = 3, 2, 2


def share(*of: int) -> float:
    """A number in 0..1 with few digits that nothing but its arguments makes."""
    seed = 7
    for number in of:
        seed = (seed * 31 + number + 1) * 97 % 1009
    return seed / 1024


def write_runs(folder: Path) -> None:
    """Every run of ERMPlusPlus on ColoredMNIST with one environment held out: two checkpoints of each training."""
    for number, (trial, held_out, draw) in enumerate(
        (t, e, d) for t in range(TRIALS) for e in range(ENVIRONMENTS) for d in range(DRAWS)
    ):
        run = folder / f"run{number:02}"
        run.mkdir(parents=True)
        (run / DONE).write_text("done", encoding="utf-8")
        lines = [json.dumps(line, sort_keys=True) for line in _lines(trial, held_out, draw)]
        (run / RESULTS).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _lines(trial: int, held_out: int, draw: int) -> list[dict[str, Any]]:
    cell = Cell(
        dataset="ColoredMNIST",
        algorithm="ERMPlusPlus",
        test_envs=(held_out,),
        hparams_seed=draw,
        trial_seed=trial,
    )
    found = []
    for second, step in ((0, 0), (0, 100), (1, 0), (1, 100)):
        args = run_args(cell) | {"auto_lr": True} | ({"holdout_fraction": 0.0} if second else {})
        parts = ("in",) if second else ("in", "out")
        accuracies = {
            f"{'fd_' if second else ''}env{e}_{part}_acc": share(trial, held_out, draw, second, step, e, place)
            for e in range(ENVIRONMENTS)
            for place, part in enumerate(parts)
        }
        found.append(accuracies | {"step": step, "epoch": step / 100, "lr": 0.001, "args": args, "hparams": {}})
    return found
