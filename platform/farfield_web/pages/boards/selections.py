"""Which columns of a board a selection has, and what tiers are called. Pure functions."""

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.run_plan import Selection


def columns_of(benchmark: Benchmark, selection: Selection | None) -> tuple[int, ...]:
    """Which columns of the board belong to a selection; all of them without one."""
    columns = enumerate(benchmark.columns)
    return tuple(i for i, column in columns if selection is None or column.metric == selection.metric)


def tier_title(benchmark: Benchmark | None, name: str) -> str:
    """A tier's title; its name when the benchmark no longer has it; empty for none."""
    return {tier.name: tier.title for tier in benchmark.plan.tiers}.get(name, name) if benchmark else name
