"""Unweighted means of figures over the domains of a role."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from farfield_evaluators.figure import Figure
from farfield_evaluators.metrics.classification import mean_stderr

AGGREGATES = {"id": "id", "shift": "shifts", "near": "near", "far": "far"}


def with_role_means(scores: Sequence[Figure], roles: Mapping[str, str]) -> tuple[Figure, ...]:
    """One metric's scores, and its unweighted means over the domains of each role.

    A mean over some domains of a role would be another figure under the same name: it is left out.
    """
    by_domain = {s.domain: s for s in scores}
    means = (
        _mean([by_domain[name] for name in names], aggregate)
        for aggregate, names in _members(roles).items()
        if all(name in by_domain for name in names)
    )
    return (*scores, *means)


def _members(roles: Mapping[str, str]) -> dict[str, list[str]]:
    """The domains behind each aggregate that has any, in the order of the aggregates."""
    found = {aggregate: [n for n, r in roles.items() if r == role] for role, aggregate in AGGREGATES.items()}
    return {aggregate: names for aggregate, names in found.items() if names}


def _mean(members: Sequence[Figure], aggregate: str) -> Figure:
    return Figure(
        metric=members[0].metric,
        domain=aggregate,
        value=fmean(s.value for s in members),
        stderr=_stderr(s.stderr for s in members),
        n=total(s.n for s in members),
    )


def _stderr(errors: Iterable[float | None]) -> float | None:
    """That of a mean of independent figures; None where one of theirs is unknown."""
    known = list(errors)
    return None if None in known else mean_stderr([e for e in known if e is not None])


def total(counts: Iterable[int | None]) -> int | None:
    """The sum; None where one of them is unknown."""
    known = list(counts)
    return None if None in known else sum(count for count in known if count is not None)
