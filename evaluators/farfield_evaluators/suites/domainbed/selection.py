"""Model selection: which hyperparameters and which step of a sweep count (Gulrajani & Lopez-Paz 2021, section 3).

A rule looks at the records of one data set, algorithm and trial, for one test environment t, and reports the accuracy
on t's in-split of the checkpoint it chooses. The rules are those of DomainBed to the digit, ties included: within the
runs of one hyperparameter seed the first of the best steps, across seeds the latest of the best.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from farfield_evaluators.suites.domainbed.records import Record


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a rule chose: the value it went by, and the accuracy (0..1) on the test environment's in-split."""

    hparams_seed: int
    step: int
    validation: float
    test: float


Rule = Callable[[Sequence[Record], int], Choice | None]


@dataclass(frozen=True, kw_only=True)
class SelectionRule:
    """A rule with its short name, and its title as DomainBed prints it."""

    name: str
    title: str
    choose: Rule


def iid(records: Sequence[Record], test_env: int) -> Choice | None:
    """Training-domain validation: the best mean out-accuracy over the environments but t, runs with t alone held out.

    None where there is no such run.
    """
    return _best(_choice(r, test_env, training_accuracy(r, test_env)) for r in _alone(records, test_env))


def leave_one_out(records: Sequence[Record], test_env: int) -> Choice | None:
    """Leave-one-domain-out: the best mean, over the other environments e, of e's accuracy when t and e are held out.

    A step of a hyperparameter seed counts only where all pairs have it; None where no step counts.
    """
    pairs = {_key(r, other): r for r in records for other in _others(r, test_env)}
    found = []
    for record in _alone(records, test_env):
        others = [e for e in range(len(record.in_acc)) if e != test_env]
        rows = [pairs.get(_key(record, e)) for e in others]
        accuracies = [row.in_acc[e] for row, e in zip(rows, others, strict=True) if row is not None]
        if len(accuracies) == len(others):
            # The sum and one division, as DomainBed does: another order may differ in the last bit, and break a tie.
            found.append(_choice(record, test_env, float(np.sum(accuracies) / len(others))))
    return _best(found)


def oracle(records: Sequence[Record], test_env: int) -> Choice | None:
    """Test-domain validation: of the last step of each run with t alone held out, the best out-accuracy on t.

    None where there is no such run.
    """
    last: dict[int, Record] = {}
    for record in _alone(records, test_env):
        last[record.args["hparams_seed"]] = record
    return _best(_choice(r, test_env, r.out_acc[test_env]) for r in last.values())


IID = SelectionRule(name="iid", title="training-domain validation set", choose=iid)
LOO = SelectionRule(name="loo", title="leave-one-domain-out cross-validation", choose=leave_one_out)
ORACLE = SelectionRule(name="oracle", title="test-domain validation set (oracle)", choose=oracle)
RULES = (IID, LOO, ORACLE)  # DomainBed's, in its order


def training_accuracy(record: Record, test_env: int) -> float:
    """Mean out-accuracy over the environments but t."""
    return float(np.mean([value for e, value in enumerate(record.out_acc) if e != test_env]))


def _alone(records: Sequence[Record], test_env: int) -> list[Record]:
    """The records of runs with t alone held out, by step."""
    return sorted((r for r in records if r.args["test_envs"] == [test_env]), key=lambda r: r.step)


def _others(record: Record, test_env: int) -> list[int]:
    """The environment that is held out together with t, if one is."""
    held_out = record.args["test_envs"]
    return [e for e in held_out if e != test_env] if len(held_out) == 2 and test_env in held_out else []


def _key(record: Record, other: int) -> tuple[int, int, int]:
    return record.args["hparams_seed"], record.step, other


def _choice(record: Record, test_env: int, validation: float) -> Choice:
    return Choice(
        hparams_seed=record.args["hparams_seed"],
        step=record.step,
        validation=validation,
        test=record.in_acc[test_env],
    )


def _best(choices: Iterable[Choice]) -> Choice | None:
    """The highest validation value; of equals the latest hyperparameter seed, and of its steps the first."""
    return max(choices, key=lambda c: (c.validation, c.hparams_seed, -c.step), default=None)


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """Of one checkpoint on its training environments, both in 0..1, see `variation.py`.

    `variation` V: how much what it predicts for a class differs between environments. `informativeness`: how much it
    differs between classes.
    """

    variation: float
    informativeness: float = 1.0


VARIATION_KEY, INFORMATIVENESS_KEY = "variation", "informativeness"  # as records have them
Checkpoint = tuple[int, int, int]  # trial seed, hyperparameter seed, step
CLOSE = 0.1  # in accuracy: the checkpoints that the weight is estimated on


def variation_rule(
    statistics: Mapping[Checkpoint, Statistics], test_env: int, weight: float | None = None, informative: float = 0.0
) -> Rule:
    """Ours, after Ye et al. (NeurIPS 2021, arXiv 2106.04496): the best training-domain accuracy minus weight x V.

    `statistics` are of the runs with `test_env` alone held out, of one data set and algorithm; left out are checkpoints
    without any, and those less than `informative`. Without a weight it is estimated as in the authors' code: the
    standard deviation of the accuracy over that of V, among the checkpoints whose accuracy is within `CLOSE` of the
    best, and 0 where V is the same for all. Ties go as with the other rules.
    """

    def choose(records: Sequence[Record], asked: int) -> Choice | None:
        if asked != test_env:
            raise ValueError(f"the statistics are of test environment {test_env}, not {asked}")
        known = [(r, statistics[key]) for r in _alone(records, test_env) if (key := _checkpoint(r)) in statistics]
        known = [(r, s) for r, s in known if s.informativeness >= informative]
        accuracies = [training_accuracy(r, test_env) for r, _ in known]
        variations = [s.variation for _, s in known]
        r0 = estimated_weight(accuracies, variations) if weight is None else weight
        values = [a - r0 * v for a, v in zip(accuracies, variations, strict=True)]
        return _best(_choice(r, test_env, value) for (r, _), value in zip(known, values, strict=True))

    return choose


def estimated_weight(accuracies: Sequence[float], variations: Sequence[float]) -> float:
    """The weight r0 of V for these checkpoints, see `variation_rule`; 0 for none."""
    best = max(accuracies, default=0.0)
    close = [(a, v) for a, v in zip(accuracies, variations, strict=True) if a > best - CLOSE]
    if not close:
        return 0.0
    spread = np.std(np.array(close), axis=0)
    return float(spread[0] / spread[1]) if spread[1] > 0 else 0.0


def statistics_of(record: Record) -> Statistics | None:
    """What the record says of its predictions; None where it does not have both, or they are not in 0..1.

    Records of DomainBed's own scripts have neither, unless an algorithm has losses of these names.
    """
    found = [record.values.get(name) for name in (VARIATION_KEY, INFORMATIVENESS_KEY)]
    if not all(isinstance(v, int | float) and not isinstance(v, bool) and 0 <= v <= 1 for v in found):
        return None
    variation, informativeness = (float(v) for v in found if v is not None)
    return Statistics(variation=variation, informativeness=informativeness)


def by_variation(records: Sequence[Record], test_env: int) -> Choice | None:
    """The fourth rule from records alone, with the estimated weight, see `variation_rule`.

    None where there is no run with t alone held out, and where any record of these lacks the statistics.
    """
    alone = _alone(records, test_env)
    known = {_checkpoint(record): found for record in alone if (found := statistics_of(record)) is not None}
    return variation_rule(known, test_env)(alone, test_env) if len(known) == len(alone) else None


VARIATION = SelectionRule(name="variation", title="training-domain validation set with variation", choose=by_variation)
EVERY_RULE = (*RULES, VARIATION)


def rules_for(records: Sequence[Record]) -> tuple[SelectionRule, ...]:
    """The rules that these records are made for: DomainBed's, and the fourth where every record has the statistics."""
    return EVERY_RULE if records and all(map(statistics_of, records)) else RULES


def _checkpoint(record: Record) -> Checkpoint:
    return record.args["trial_seed"], record.args["hparams_seed"], record.step
