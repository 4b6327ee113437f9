"""What a sweep's tiers and selection rules are called, and how many runs a tier has. Pure functions.

A sweep's metrics are `accuracy-<rule>`, one for each rule that may choose which of its runs counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.run_plan import Tier
from farfield_evaluators.suites.domainbed import datasets, sweep

PREFIX = "accuracy-"
NEEDS_PAIRS = "loo"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A selection rule as pages name it; `metric` holds its figures."""

    name: str
    title: str
    help: str
    metric: str


def rules_of(benchmark: Benchmark) -> tuple[Rule, ...]:
    """The rules of a sweep, the headline's first; none for other benchmarks."""
    if not benchmark.is_sweep:
        return ()
    return tuple(
        Rule(name=m.name.removeprefix(PREFIX), title=_title(m.title), help=m.description, metric=m.name)
        for m in benchmark.metrics
        if m.name.startswith(PREFIX)
    )


def needs_more(rule: Rule, tier: str) -> str:
    """Why a tier has no figures of a rule; empty where it has."""
    if rule.name != NEEDS_PAIRS or sweep.tier(tier).pairs:
        return ""
    return f"{rule.title} needs pairs of environments held out, which only the tier Full has."


def columns_of(benchmark: Benchmark, rule: Rule | None) -> tuple[int, ...]:
    """Which columns of the board belong to a rule; all of them without one."""
    return tuple(i for i, column in enumerate(benchmark.columns) if rule is None or column.metric == rule.metric)


def tier_title(benchmark: Benchmark | None, name: str) -> str:
    """A tier's title; its name when the benchmark no longer has it; empty for none."""
    return {tier.name: tier.title for tier in benchmark.tiers}.get(name, name) if benchmark else name


def run_count(benchmark: Benchmark, tier: Tier) -> int:
    """How many runs a submission in this tier is."""
    return len(sweep.cells(datasets.find(benchmark.name), "", sweep.tier(tier.name)))


def trial_count(tier: Tier) -> int:
    """How many trials a submission in this tier has."""
    return sweep.tier(tier.name).trials


def held_out_title(environments: Sequence[str], held_out: Sequence[int]) -> str:
    """The test environments of a run by name: `A`, or `A and C`.

    >>> held_out_title(["A", "C", "P"], [0, 2])
    'A and P'
    """
    return " and ".join(environments[index] if index < len(environments) else str(index) for index in held_out)


def _title(metric: str) -> str:
    """The part of a metric's title that names the rule: what follows the comma."""
    _, _, rule = metric.rpartition(", ")
    return rule[:1].upper() + rule[1:]
