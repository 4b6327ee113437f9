"""What a board shows of a sweep: what each rule chose for each test environment and trial, and the figures of that.

The figures are those of `tables.report`, to the last digits, in 0..1 instead of per cent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import hypot
from statistics import fmean

import numpy as np

from farfield_evaluators.figure import Figure
from farfield_evaluators.suites.domainbed.dataset import DataSet
from farfield_evaluators.suites.domainbed.records import Record
from farfield_evaluators.suites.domainbed.selection import EVERY_RULE

SHIFTS = "shifts"


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What a rule chose for a test environment in a trial: the draw and the step, and what they give.

    `validation` is the value it went by, `test` the accuracy (0..1) on the environment's in-split, over its `n`
    examples; None where records do not say how many these are.
    """

    rule: str
    test_env: int
    trial_seed: int
    hparams_seed: int
    step: int
    validation: float
    test: float
    n: int | None = None


def choose_all(
    records: Sequence[Record], test_env: int, trial_seed: int, sizes: Sequence[int] = ()
) -> tuple[Chosen, ...]:
    """What each rule chooses from the records of one method on one data set; a rule without a choice is left out.

    `sizes` are those of the in-splits of all environments, where they are known.
    """
    members = [r for r in records if test_env in r.args["test_envs"] and r.args["trial_seed"] == trial_seed]
    choices = [(rule.name, rule.choose(members, test_env)) for rule in EVERY_RULE]
    return tuple(
        Chosen(
            rule=name,
            test_env=test_env,
            trial_seed=trial_seed,
            hparams_seed=choice.hparams_seed,
            step=choice.step,
            validation=choice.validation,
            test=choice.test,
            n=sizes[test_env] if sizes else None,
        )
        for name, choice in choices
        if choice is not None
    )


def scores_of(chosen: Iterable[Chosen], dataset: DataSet) -> tuple[Figure, ...]:
    """The figures by rule: of each environment that has any, then of "shifts" where every environment has one.

    An environment's figure is the mean over its trials, its error std (ddof 0) over the square root of their number;
    with one trial the binomial error over its examples. "shifts" is the mean of the environments' figures; its error is
    that of the trials' means, over trials that have all environments, when there are several. Otherwise it is that of
    a mean of independent figures. n counts the test examples of all trials, None where that is not known.
    """
    rows: dict[str, list[Chosen]] = {rule.name: [] for rule in EVERY_RULE}
    for each in chosen:
        rows[each.rule].append(each)
    return tuple(score for rule, members in rows.items() for score in _of_rule(rule, members, dataset))


def metric_of(rule: str) -> str:
    """The name of the metric that a rule's figures have."""
    return f"accuracy-{rule}"


def _of_rule(rule: str, chosen: Sequence[Chosen], dataset: DataSet) -> list[Figure]:
    by_env = [sorted((c for c in chosen if c.test_env == e), key=_trial) for e in dataset.tested]
    found = [
        _environment(metric_of(rule), dataset.environments[number], members)
        for number, members in zip(dataset.tested, by_env, strict=True)
        if members
    ]
    return [*found, _shifts(found, by_env)] if len(found) == len(by_env) else found


def _trial(chosen: Chosen) -> int:
    return chosen.trial_seed


def _environment(metric: str, domain: str, members: Sequence[Chosen]) -> Figure:
    values = [c.test for c in members]
    error = _over_trials(values) if len(values) > 1 else _binomial(members[0])
    sizes = [c.n for c in members]
    return Figure(
        metric=metric, domain=domain, value=float(np.mean(values)), stderr=error, n=_total(sizes), trials=len(members)
    )


def _shifts(found: Sequence[Figure], by_env: Sequence[Sequence[Chosen]]) -> Figure:
    whole = set.intersection(*({c.trial_seed for c in members} for members in by_env))
    means = [fmean(c.test for members in by_env for c in members if c.trial_seed == t) for t in sorted(whole)]
    return Figure(
        metric=found[0].metric,
        domain=SHIFTS,
        value=float(np.mean([score.value for score in found])),
        stderr=_over_trials(means) if len(means) > 1 else _of_mean([score.stderr for score in found]),
        n=_total([score.n for score in found]),
        trials=max(1, len(means)),
    )


def _over_trials(values: Sequence[float]) -> float:
    """As DomainBed's tables have it: std with ddof 0, over the square root of the number of trials."""
    return float(np.std(np.asarray(values, np.float64) / np.sqrt(len(values))))


def _binomial(chosen: Chosen) -> float | None:
    return float(np.sqrt(chosen.test * (1 - chosen.test) / chosen.n)) if chosen.n else None


def _of_mean(errors: Sequence[float | None]) -> float | None:
    """Of a mean of independent figures; None where an error is not known."""
    known = [error for error in errors if error is not None]
    return hypot(*known) / len(errors) if len(known) == len(errors) else None


def _total(sizes: Sequence[int | None]) -> int | None:
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None
