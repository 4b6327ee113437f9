"""The benchmarks that are installed here: those of every suite that loads, and of each other suite why it does not.

Light on purpose: the web process reads it, so there is no torch behind it.
"""

from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import entry_points

from farfield.errors import UnknownName
from farfield.precision import Precision
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.own.suites import own_suites
from farfield_evaluators.paths import benchmarks_folder
from farfield_evaluators.reported import Reported, Unplaced
from farfield_evaluators.suite import GROUP, Importer, OwnImporter, Suite
from farfield_evaluators.suite_loading import Importing, InstalledSuite, RefusedSuite, importers_of, load

ROUNDED = "Frozen networks may compute in bfloat16 here; all else is float32, on GPUs without TF32."


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """The suites that can be used, and those that are refused."""

    installed: tuple[InstalledSuite, ...]
    refused: tuple[RefusedSuite, ...] = ()

    @property
    def suites(self) -> tuple[Suite, ...]:
        return tuple(each.suite for each in self.installed)

    @property
    def benchmarks(self) -> tuple[Benchmark, ...]:
        return tuple(benchmark for suite in self.suites for benchmark in suite.benchmarks)

    @property
    def unplaced(self) -> tuple[Unplaced, ...]:
        return tuple(unplaced for suite in self.suites for unplaced in suite.unplaced)

    @property
    def reported(self) -> tuple[Reported, ...]:
        return tuple(reported for suite in self.suites for reported in suite.reported)

    @cached_property
    def owners(self) -> dict[str, InstalledSuite]:
        """Of each benchmark, by its name, the suite that brings it."""
        return {benchmark.name: each for each in self.installed for benchmark in each.suite.benchmarks}

    @cached_property
    def importing(self) -> Importing:
        """How packs are made, asked of each suite at the first need."""
        return importers_of(self.installed)

    @property
    def importers(self) -> dict[str, Importer | OwnImporter]:
        return self.importing.importers


@cache
def catalog() -> Catalog:
    """What is installed, and what the TOML files of this machine describe, loaded once in a process."""
    installed, refused = load(entry_points(group=GROUP))
    own, mistaken = own_suites(benchmarks_folder(), installed)
    return Catalog(installed=(*installed, *own), refused=(*refused, *mistaken))


def benchmarks() -> tuple[Benchmark, ...]:
    """All benchmarks, suite by suite."""
    return catalog().benchmarks


def find(name: str, *, explain: bool = False) -> Benchmark:
    """The benchmark of that name. Raises UnknownName with the names there are.

    explain: say, too, which suites are not used, and why, to who installed them.
    """
    known = {benchmark.name: benchmark for benchmark in benchmarks()}
    if name not in known:
        unused = [str(refused) for refused in catalog().refused] if explain else []
        raise UnknownName("benchmark", name, list(known), unused)
    return known[name]


def card_of(name: str) -> str:
    """The page of a benchmark, in Markdown; what it says of itself, where its suite has none. Raises UnknownName."""
    benchmark = find(name)
    card = catalog().owners[name].suite.card(name)
    page = card or f"# {benchmark.name}\n\n{benchmark.summary}\n\n{benchmark.description}\n"
    return page if benchmark.precision is Precision.FLOAT32 else f"{page}\n{ROUNDED}\n"


def reported_for(benchmark: str, tier: str = "") -> tuple[Reported, ...]:
    """The published figures that may stand beside entries of a benchmark in a tier; none where there are none."""
    every = catalog().reported
    return tuple(r for r in every if r.benchmark == benchmark and (not tier or not r.tiers or tier in r.tiers))
