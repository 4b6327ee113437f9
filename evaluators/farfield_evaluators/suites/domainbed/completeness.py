"""Whether records are those of one whole sweep: pure checks over runs, each problem named."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, groupby, islice, takewhile
from typing import Any

from farfield_evaluators.suites.domainbed.dataset import HOLDOUT_FRACTION, DataSet
from farfield_evaluators.suites.domainbed.datasets import find
from farfield_evaluators.suites.domainbed.problems import DUPLICATE, MIXED, UNFINISHED, WRONG_LENGTH, Problem, shown
from farfield_evaluators.suites.domainbed.records import DOMAIN_GENERALIZATION, UNLABELED, Record, task_of
from farfield_evaluators.suites.domainbed.sweep import Cell, Tier, held_out

Runs = Mapping[Cell, Sequence[Record]]
Settings = tuple[int, int, float, str, float]
SETTINGS = f"(steps, checkpoint_freq, holdout_fraction, task, {UNLABELED})"
SHOWN_CELLS = 5
SHOWN_STEPS = 4


def contradictions(runs: Runs, done: frozenset[str] = frozenset()) -> Iterator[Problem]:
    """What no sweep holds, finished or not. `runs` are by step; `done` are the files of runs marked as done."""
    for records in runs.values():
        yield from _wrong_steps(records, done)
    yield from between(runs)


def between(runs: Runs) -> Iterator[Problem]:
    """What no sweep holds, whatever its steps: a run twice, a run of two settings, runs of a table with other ones."""
    for records in runs.values():
        yield from _duplicates(records)
        yield from _one_run(records)
    yield from _settings(runs)


def unfinished(runs: Runs) -> Iterator[Problem]:
    """Runs that ended early, and runs that a whole sweep would have and that are not there."""
    for records in runs.values():
        before, last_step = _expected_steps(records[0])
        if len(records) < len(before) + 1:
            last = f"the run ends with step {records[-1].step} of {last_step}"
            yield Problem(code=UNFINISHED, where=_file(records[-1]), says=last)
    yield from absent(runs)


def absent(runs: Runs) -> Iterator[Problem]:
    """Runs that a whole sweep would have and that are not there."""
    for name in sorted({cell.dataset for cell in runs}):
        yield from _absent([cell for cell in runs if cell.dataset == name])


def _file(record: Record) -> str:
    return record.where.rpartition(":")[0]


def _expected_steps(record: Record) -> tuple[range, int]:
    """The checkpoints of the record's run: all before the last, and the last.

    Never as a list: the numbers come from a file that may be hostile, and a range of any length takes no memory.
    """
    steps, every, *_ = settings(record)
    return range(0, steps - 1, every), steps - 1


def settings(record: Record) -> Settings:
    """What `SETTINGS` names, of the record's run: the same all over a table."""
    dataset, args = find(record.args["dataset"]), record.args
    steps = dataset.steps if args["steps"] is None else int(args["steps"])
    every = dataset.checkpoint_every if args["checkpoint_freq"] is None else int(args["checkpoint_freq"])
    task, unlabeled = str(args.get("task", DOMAIN_GENERALIZATION)), args.get(UNLABELED, 0)
    return steps, every, float(args["holdout_fraction"]), task, unlabeled


def protocol(dataset: DataSet, tier: Tier) -> Settings:
    """The settings of a run of the tier."""
    lengths, unlabeled = (tier.steps_of(dataset), tier.every_of(dataset)), tier.unlabeled
    return (*lengths, HOLDOUT_FRACTION, task_of(unlabeled), unlabeled or 0)


def _duplicates(records: Sequence[Record]) -> Iterator[Problem]:
    for step, same in groupby(records, key=lambda r: r.step):
        first, *others = same
        for other in others:
            says = f"step {step} of this run is in {first.where} already; keep one of the two"
            yield Problem(code=DUPLICATE, where=other.where, says=says)


def _one_run(records: Sequence[Record]) -> Iterator[Problem]:
    """A run has one file, and the same arguments and hyperparameters in all of its lines."""
    first = records[0]
    for record in records[1:]:
        if _file(record) != _file(first):
            says = f"this run's records are in {_file(first)} too; keep one of the two"
            yield Problem(code=DUPLICATE, where=record.where, says=says)
            return
        for name in ("args", "hparams"):
            other = _difference(getattr(first, name), getattr(record, name))
            if other:
                says = f"{name}.{other} is another than in {first.where}, which is of the same run"
                yield Problem(code=MIXED, where=record.where, says=says)


def _difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """A key whose value differs, or "" for equal mappings."""
    # By repr, for which NaN is itself and True is not 1.
    return next((shown(k) for k in sorted({*one, *other}) if repr(one.get(k)) != repr(other.get(k))), "")


def _wrong_steps(records: Sequence[Record], done: frozenset[str]) -> Iterator[Problem]:
    before, last = _expected_steps(records[0])
    for record in records:
        if record.step not in before and record.step != last:
            says = f"step {record.step} is no checkpoint of this run; they are {_listed(chain(before, (last,)))}"
            yield Problem(code=WRONG_LENGTH, where=record.where, says=says)
    found = {record.step for record in records}
    ended = _file(records[0]) in done
    until = last if ended else max(found)
    wanted = takewhile(lambda step: step <= until, chain(before, (last,)))
    missing = _listed(step for step in wanted if step not in found)
    if missing:
        says = f"the run has no record of step {missing}, and {'is done' if ended else 'goes on after it'}"
        yield Problem(code=WRONG_LENGTH, where=_file(records[0]), says=says)


def _listed(steps: Iterable[int]) -> str:
    """The first of them; no more are looked at."""
    few = [str(step) for step in islice(steps, SHOWN_STEPS + 1)]
    return ", ".join([*few[:SHOWN_STEPS], "..."] if len(few) > SHOWN_STEPS else few)


def _settings(runs: Runs) -> Iterator[Problem]:
    """The runs of a table have the same steps, checkpoints, holdout and task; those of a row the same set by hand."""
    tables: dict[str, Record] = {}
    rows: dict[tuple[str, str], Record] = {}
    for cell, (record, *_) in runs.items():
        known = tables.setdefault(cell.dataset, record)
        if settings(record) != settings(known):
            yield _mixed(record, known, SETTINGS, settings(record), settings(known), "table")
        known = rows.setdefault((cell.dataset, cell.algorithm), record)
        if record.args.get("hparams") != known.args.get("hparams"):
            yield _mixed(record, known, "args.hparams", record.args.get("hparams"), known.args.get("hparams"), "row")


def _mixed(record: Record, known: Record, names: str, found: object, other: object, of: str) -> Problem:
    says = f"{names} is {shown(found)}, but {shown(other)} in {known.where}; runs of one {of} must have the same"
    return Problem(code=MIXED, where=record.where, says=says)


def _absent(cells: Sequence[Cell]) -> Iterator[Problem]:
    """Of one data set: the runs that are missing from algorithms x test environments x draws x trials."""
    seeds = range(min(c.hparams_seed for c in cells), max(c.hparams_seed for c in cells) + 1)
    trials = range(max(c.trial_seed for c in cells) + 1)
    pairs = any(len(c.test_envs) == 2 for c in cells)
    choices = tuple(held_out(find(cells[0].dataset), pairs=pairs))
    for algorithm in sorted({c.algorithm for c in cells}):
        found = {c for c in cells if c.algorithm == algorithm and c.test_envs in choices}
        count = len(trials) * len(choices) * len(seeds) - len(found)
        if count:
            wanted = _product(replace(cells[0], algorithm=algorithm), trials, choices, seeds)
            few = list(islice((cell for cell in wanted if cell not in found), SHOWN_CELLS))
            yield _missing_runs(few, count, len(found))


def _product(like: Cell, trials: range, choices: Sequence[tuple[int, ...]], seeds: range) -> Iterator[Cell]:
    # Not itertools.product, which would hold the ranges: they come from a file that may be hostile.
    for trial in trials:
        for test_envs in choices:
            for seed in seeds:
                yield replace(like, test_envs=test_envs, hparams_seed=seed, trial_seed=trial)


def _missing_runs(few: Sequence[Cell], count: int, found: int) -> Problem:
    named = "; ".join(
        f"test_envs {list(c.test_envs)} hparams_seed {c.hparams_seed} trial_seed {c.trial_seed}" for c in few
    )
    says = f"{few[0].algorithm} on {few[0].dataset}: {count} of {count + found} runs are missing: {named}"
    return Problem(code=UNFINISHED, where="", says=says + ("; ..." if count > len(few) else ""))
