"""Aggregates: figures over several domains, each declared once, by a benchmark or here for all of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.classification import mean_stderr

Combine = Callable[[Metric, Sequence[Figure]], Figure]
"""The figure of several, of one metric; its domain does not matter."""


def mean(metric: Metric, members: Sequence[Figure]) -> Figure:
    """The unweighted mean of independent figures. n is the sum of theirs; what one does not know, it does not know."""
    return Figure(
        metric=metric.name,
        domain="",
        value=fmean(member.value for member in members),
        stderr=_stderr(member.stderr for member in members),
        n=total(member.n for member in members),
    )


def worst(metric: Metric, members: Sequence[Figure]) -> Figure:
    """The worst of the figures, the first of equal ones, with its own error and n.

    The error takes it as given which is the worst: of several that are about equally bad, the worst in the sample looks
    worse than any of them is.
    """
    return min(members, key=lambda member: member.value if metric.higher_is_better else -member.value)


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """A name for the figure over all domains of a role, or over those that are named.

    It is there for a metric that all of them have: over some of them it would be another figure under the same name.
    """

    name: str
    title: str
    role: str | None = None
    domains: tuple[str, ...] = ()
    combine: Combine = mean

    def members(self, roles: Mapping[str, str]) -> list[str]:
        """The names of its domains, of those with these roles by name, in their order."""
        return [name for name, role in roles.items() if name in self.domains or role == self.role]

    def over(self, metric: Metric, members: Sequence[Figure]) -> Figure:
        """The figure of one metric over the domains' figures."""
        return replace(self.combine(metric, members), metric=metric.name, domain=self.name)

    @property
    def protocol(self) -> dict[str, Any]:
        """What of it makes figures comparable; its title does not."""
        return {"name": self.name, "role": self.role, "domains": self.domains, "combine": self.combine.__name__}


USUAL = (
    Aggregate(name="id", title="ID", role="id"),
    Aggregate(name="shifts", title="Mean of shifts", role="shift"),
    Aggregate(name="near", title="Mean of near OOD", role="near"),
    Aggregate(name="far", title="Mean of far OOD", role="far"),
)
"""Those of a benchmark that declares none."""
USUAL_NAMES = frozenset(aggregate.name for aggregate in USUAL)


def aggregated(
    metric: Metric, figures: Sequence[Figure], roles: Mapping[str, str], aggregates: Iterable[Aggregate]
) -> Iterator[Figure]:
    """One metric's figures over the aggregates whose domains all have one; `roles` are those of all domains."""
    by_domain = {figure.domain: figure for figure in figures}
    for aggregate in aggregates:
        members = aggregate.members(roles)
        if members and all(name in by_domain for name in members):
            yield aggregate.over(metric, [by_domain[name] for name in members])


def total(counts: Iterable[int | None]) -> int | None:
    """The sum; None where one of them is unknown."""
    listed = list(counts)
    return None if None in listed else sum(count for count in listed if count is not None)


def _stderr(errors: Iterable[float | None]) -> float | None:
    """That of a mean of independent figures; None where one of theirs is unknown."""
    listed = list(errors)
    return None if None in listed else mean_stderr([error for error in listed if error is not None])
