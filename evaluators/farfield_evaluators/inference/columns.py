"""Of which outcomes a board's column is the mean: what entries are compared by, example by example."""

from dataclasses import dataclass

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.plans.trials import TRIAL
from farfield_evaluators.scoring.aggregates import mean
from farfield_evaluators.scoring.scorer import Each


@dataclass(frozen=True, kw_only=True)
class Basis:
    """The mean over `domains` of the mean of an outcome over each one's examples."""

    outcome: str
    domains: tuple[str, ...]


def basis_of(benchmark: Benchmark, column: Column) -> Basis | None:
    """The basis of a column; None for a metric that is no mean over examples, and where runs have other test sets."""
    outcome = next((s.mean_of for s in benchmark.scorers if isinstance(s, Each) and s.metric.name == column.metric), "")
    domains = _domains_of(benchmark, column.domain)
    same = not any("{" in domain.set for domain in benchmark.domains if domain.name in domains)  # in every run
    repeated = same and {axis.name for axis in benchmark.plan.axes} <= {TRIAL}
    return Basis(outcome=outcome, domains=domains) if outcome and domains and repeated else None


def _domains_of(benchmark: Benchmark, name: str) -> tuple[str, ...]:
    roles = {domain.name: domain.role for domain in benchmark.domains}
    if name in roles:
        return (name,)
    of_means = (each for each in benchmark.aggregates if each.combine is mean)
    return next((tuple(each.members(roles)) for each in of_means if each.name == name), ())
