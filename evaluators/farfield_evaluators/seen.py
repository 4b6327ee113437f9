"""Whether a method may have seen a benchmark's test data while it was trained, from what its author declares."""

from collections.abc import Iterable
from enum import StrEnum

from farfield.training_data import TrainingData
from farfield_evaluators.benchmark import Benchmark


class Seen(StrEnum):
    """What a declaration says of a benchmark; the worst of its data sets counts.

    none: no data set has anything of it. in-domain: one has data of the benchmark's in-distribution domain, and none of
    its shifted ones. test-like: one has data of a shifted domain, or of all of the benchmark. unknown: nothing was
    declared, which is never none.
    """

    NONE = "none"
    IN_DOMAIN = "in-domain"
    TEST_LIKE = "test-like"
    UNKNOWN = "unknown"


def seen(benchmark: Benchmark, declared: Iterable[TrainingData] | None) -> Seen:
    """Of data sets that were declared; None where there is no declaration."""
    if declared is None:
        return Seen.UNKNOWN
    parts = {part for data in declared for name in data.contains for part in _parts_of(benchmark, name)}
    shifted = {domain.name for domain in benchmark.domains if domain.role != "id"}
    if parts & shifted:
        return Seen.TEST_LIKE
    return Seen.IN_DOMAIN if parts else Seen.NONE


def _parts_of(benchmark: Benchmark, contained: str) -> frozenset[str]:
    """The domains that a name stands for: one, or all of the benchmark and of its variants."""
    name, _, domain = contained.partition("#")
    if benchmark.name != name and not benchmark.name.startswith(f"{name}/"):
        return frozenset()
    known = frozenset(each.name for each in benchmark.domains)
    return known & {domain} if domain else known
