"""The benchmarks that are installed here: those of every suite that loads, and of each other suite why it does not.

Light on purpose: the web process reads it, so there is no torch behind it.
"""

from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from farfield.errors import UnknownName
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.reported import Reported, Unplaced
from farfield_evaluators.suite import GROUP, Importer, OwnImporter, Suite


@dataclass(frozen=True, kw_only=True)
class RefusedSuite:
    """A suite that is installed and cannot be used: the entry point's name, its distribution, and why."""

    name: str
    distribution: str
    reason: str

    def __str__(self) -> str:
        return f"suite {self.name!r} of {self.distribution}: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """The suites that can be used, and those that are refused."""

    suites: tuple[Suite, ...]
    refused: tuple[RefusedSuite, ...] = ()

    @property
    def benchmarks(self) -> tuple[Benchmark, ...]:
        return tuple(benchmark for suite in self.suites for benchmark in suite.benchmarks)

    @property
    def unplaced(self) -> tuple[Unplaced, ...]:
        return tuple(unplaced for suite in self.suites for unplaced in suite.unplaced)

    @property
    def reported(self) -> tuple[Reported, ...]:
        return tuple(reported for suite in self.suites for reported in suite.reported)

    @property
    def importers(self) -> dict[str, Importer | OwnImporter]:
        return {importer.name: importer for suite in self.suites for importer in suite.importers()}


@cache
def catalog() -> Catalog:
    """What is installed, loaded once in a process."""
    suites: dict[str, Suite] = {}
    refused: list[RefusedSuite] = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            suites.setdefault(point.name, _loaded(point))
        except Exception as error:  # whatever a plugin does, it harms no other
            refused.append(_refused(point, f"{type(error).__name__}: {error}"))
    ordered = sorted(suites.values(), key=lambda suite: (suite.place, suite.name))
    return Catalog(suites=tuple(ordered), refused=tuple(refused))


def benchmarks() -> tuple[Benchmark, ...]:
    """All benchmarks, suite by suite."""
    return catalog().benchmarks


def find(name: str) -> Benchmark:
    """The benchmark of that name. Raises UnknownName with the names there are."""
    known = {benchmark.name: benchmark for benchmark in benchmarks()}
    if name not in known:
        raise UnknownName("benchmark", name, list(known))
    return known[name]


def reported_for(benchmark: str, tier: str = "") -> tuple[Reported, ...]:
    """The published figures that may stand beside entries of a benchmark in a tier; none where there are none."""
    every = catalog().reported
    return tuple(r for r in every if r.benchmark == benchmark and (not tier or not r.tiers or tier in r.tiers))


def _loaded(point: EntryPoint) -> Suite:
    suite = point.load()
    if not isinstance(suite, Suite):
        raise TypeError(f"{point.value} is no Suite but {type(suite).__name__}")
    return suite


def _refused(point: EntryPoint, reason: str) -> RefusedSuite:
    named = point.dist.metadata["Name"] if point.dist is not None else "unknown"
    return RefusedSuite(name=point.name, distribution=named, reason=reason)
