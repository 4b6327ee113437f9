"""Records to test with: made one by one, as whole sweeps, and DomainBed's own."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from farfield_evaluators.suites.domainbed.datasets import checkpoint_steps, find
from farfield_evaluators.suites.domainbed.folder import write_run
from farfield_evaluators.suites.domainbed.records import Record, by_cell, run_args
from farfield_evaluators.suites.domainbed.sweep import Cell, held_out

Accuracy = Callable[[Cell, int, int, str], float]  # of (run, step, environment, "in" or "out")

# DomainBed's own test of its scripts is a sweep of ERM on VLCS, whose tables it has checked by hand (its repository,
# domainbed/misc, MIT licence). Here are the figures of it that bear on test environment C: images classified rightly.
VLCS_IN, VLCS_OUT = (1132, 2125, 2626, 2701), (283, 531, 656, 675)
VLCS_STEPS = (0, 300, 600, 900, 1000)
# By (trial, hyperparameter seed), for each step: C in, C out, L out, S out, V out, with C alone held out.
VLCS_SINGLES = {
    (0, 0): (
        *((705, 182, 254, 282, 310), (1118, 277, 399, 510, 580), (1098, 276, 368, 499, 541)),
        *((1075, 269, 392, 500, 564), (1091, 269, 389, 489, 570)),
    ),
    (0, 1): (
        *((690, 178, 241, 260, 301), (1096, 271, 405, 509, 573), (1093, 277, 404, 501, 566)),
        *((1105, 275, 405, 525, 582), (1081, 272, 401, 527, 566)),
    ),
    (1, 0): (
        *((710, 181, 246, 309, 286), (1122, 277, 377, 531, 560), (1090, 272, 403, 538, 554)),
        *((1105, 276, 394, 516, 555), (1107, 274, 400, 521, 562)),
    ),
    (1, 1): (
        *((167, 38, 40, 147, 105), (1117, 282, 382, 499, 553), (1121, 279, 398, 531, 536)),
        *((1112, 279, 382, 517, 556), (1113, 278, 399, 532, 570)),
    ),
}
# By (trial, hyperparameter seed), for L, S, V and each step: its in-split, with C and it held out.
VLCS_PAIRS = {
    (0, 0): ((790, 1282, 1375, 1275, 1334), (1021, 2000, 1790, 1861, 1930), (1261, 2020, 1823, 1935, 1719)),
    (0, 1): ((1004, 1357, 1290, 1381, 1423), (1184, 1831, 1865, 1883, 1919), (1121, 2029, 1975, 1954, 1937)),
    (1, 0): ((991, 1389, 1295, 1342, 1442), (1255, 1936, 1773, 1916, 1892), (1195, 1897, 1903, 1909, 2017)),
    (1, 1): ((104, 1287, 1479, 1400, 1332), (751, 1743, 1871, 1779, 2021), (1024, 1904, 1981, 1747, 2053)),
}


def record(
    in_acc: Sequence[float],
    out_acc: Sequence[float],
    *,
    test_envs: Sequence[int] = (0,),
    step: int = 0,
    hparams_seed: int = 0,
    trial_seed: int = 0,
    dataset: str = "ColoredMNIST",
    algorithm: str = "ERM",
    **args: Any,
) -> Record:
    """A record with these accuracies of all environments."""
    cell = Cell(
        dataset=dataset,
        algorithm=algorithm,
        test_envs=tuple(test_envs),
        hparams_seed=hparams_seed,
        trial_seed=trial_seed,
    )
    return Record(
        step=step,
        in_acc=tuple(in_acc),
        out_acc=tuple(out_acc),
        args=run_args(cell) | args,
        hparams={"lr": 0.001},
        values={"epoch": step / 7, "loss": 0.5, "step_time": 0.25, "mem_gb": 0.0},
    )


def sweep(
    accuracy: Accuracy,
    *,
    dataset: str = "ColoredMNIST",
    algorithms: Iterable[str] = ("ERM",),
    trials: int = 1,
    hparams: int = 1,
    pairs: bool = False,
    steps: int = 201,
) -> list[Record]:
    """The records of a whole sweep in DomainBed's order, with accuracies by a function."""
    data = find(dataset)
    runs = (
        Cell(dataset=dataset, algorithm=algorithm, test_envs=envs, hparams_seed=seed, trial_seed=trial)
        for trial in range(trials)
        for algorithm in algorithms
        for envs in held_out(data, pairs=pairs)
        for seed in range(hparams)
    )
    return [
        record(
            [accuracy(run, step, e, "in") for e in range(len(data.environments))],
            [accuracy(run, step, e, "out") for e in range(len(data.environments))],
            test_envs=run.test_envs,
            step=step,
            hparams_seed=run.hparams_seed,
            trial_seed=run.trial_seed,
            dataset=dataset,
            algorithm=run.algorithm,
            steps=steps,
        )
        for run in runs
        for step in checkpoint_steps(steps, data.checkpoint_every)
    ]


def by_hash(run: Cell, step: int, environment: int, part: str) -> float:
    """Some accuracy in 0..1 with many ties, the same on every machine."""
    parts = (*run.test_envs, run.hparams_seed, run.trial_seed, len(run.algorithm), step, environment, part == "in")
    return sum((7 * i + 3) * int(p) for i, p in enumerate(parts)) % 21 / 20


def with_statistics(records: Iterable[Record]) -> list[Record]:
    """The same records with a variation and an informativeness each, as records made here have them."""
    return [
        replace(r, values={**r.values, "variation": (r.step + 3 * n) % 17 / 20, "informativeness": 0.5})
        for n, r in enumerate(records)
    ]


def write(folder: Path, records: Iterable[Record], *, done: bool = True) -> list[Path]:
    """Write a sweep as DomainBed does; returns the run folders."""
    return [write_run(folder, members, done=done) for members in by_cell(records).values()]


def vlcs() -> list[Record]:
    """DomainBed's own sweep, as far as it bears on test environment C."""
    return [r for trial, seed in VLCS_SINGLES for r in (*_singles(trial, seed), *_pairs(trial, seed))]


def _singles(trial: int, seed: int) -> Iterable[Record]:
    for step, (c_in, *out) in zip(VLCS_STEPS, VLCS_SINGLES[trial, seed], strict=True):
        out_acc = [n / size for n, size in zip(out, VLCS_OUT, strict=True)]
        yield _vlcs((0,), [c_in / VLCS_IN[0], 0, 0, 0], out_acc, step, seed, trial)


def _pairs(trial: int, seed: int) -> Iterable[Record]:
    for other, counts in enumerate(VLCS_PAIRS[trial, seed], start=1):
        for step, count in zip(VLCS_STEPS, counts, strict=True):
            in_acc = [count / VLCS_IN[e] if e == other else 0 for e in range(4)]
            yield _vlcs((0, other), in_acc, [0, 0, 0, 0], step, seed, trial)


def _vlcs(envs: tuple[int, ...], in_acc: list[float], out_acc: list[float], step: int, seed: int, trial: int) -> Record:
    return record(
        in_acc,
        out_acc,
        test_envs=envs,
        step=step,
        hparams_seed=seed,
        trial_seed=trial,
        dataset="VLCS",
        steps=1001,
        data_dir="/checkpoint/dlp/datasets_new",
    )
