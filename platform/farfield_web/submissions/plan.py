"""The runs that a submission is made of: trials, or the cells of a sweep in a tier."""

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.suites.domainbed import datasets, sweep
from farfield_evaluators.suites.domainbed.registry import algorithm_name
from farfield_evaluators.suites.domainbed.sweep import Cell
from farfield_web.errors import SubmissionError

Json = dict[str, Any]
PARTS = ("test_envs", "hparams_seed", "trial_seed")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`tier` is empty for what is no sweep. `cells` has one item a run, in order; None where a run is no cell."""

    tier: str = ""
    cells: tuple[Cell | None, ...]

    def named(self, method: str) -> "Plan":
        """The same runs, for a method of this name: it decides their seeds."""
        name = algorithm_name(method)
        return replace(self, cells=tuple(cell and replace(cell, algorithm=name) for cell in self.cells))

    @property
    def once(self) -> "Plan":
        """A single run in the same tier: there is nothing to repeat where a file says the same each time."""
        return replace(self, cells=(None,))


def plan(benchmark: Benchmark, tier: str, method: str) -> Plan:
    """The runs of a submission; an empty tier is the benchmark's first.

    Raises SubmissionError `tier.unknown` or `tier.too_large`.
    """
    name = _tier(benchmark, tier)
    if not name:
        return Plan(cells=(None,) * benchmark.trials)
    found = cells_of(benchmark.name, name, method)
    if len(found) > settings.MAX_SWEEP_RUNS:
        text = (
            f"The tier {name} is {len(found)} runs here; this site takes sweeps of at most {settings.MAX_SWEEP_RUNS}."
        )
        raise SubmissionError(
            "tier.too_large", text, "tier", "Choose a smaller tier, or ask the operator of this site."
        )
    return Plan(tier=name, cells=found)


def cells_of(benchmark: str, tier: str, method: str = "") -> tuple[Cell, ...]:
    """The cells of a sweep in their order; a run's number is its place here."""
    return sweep.cells(datasets.find(benchmark), algorithm_name(method), sweep.tier(tier))


def to_json(cell: Cell) -> Json:
    """A cell as a run keeps it and as workers are told it."""
    return {"test_envs": list(cell.test_envs), "hparams_seed": cell.hparams_seed, "trial_seed": cell.trial_seed}


def from_json(benchmark: str, method: str, cell: Json) -> Cell:
    """The cell that a run keeps, of a method on a benchmark."""
    parts = {**{name: cell[name] for name in PARTS}, "test_envs": tuple(cell["test_envs"])}
    return Cell(dataset=datasets.find(benchmark).name, algorithm=algorithm_name(method), **parts)


def tier_part(tier: str) -> list[str]:
    """What a tier adds to a submission's identity: nothing where there is none."""
    return [tier] if tier else []


def _tier(benchmark: Benchmark, tier: str) -> str:
    names = [each.name for each in benchmark.tiers]
    if not tier:
        return names[0] if names else ""
    if tier not in names:
        has = f"it has: {', '.join(names)}" if names else "it has no tiers, so leave `tier` out"
        raise SubmissionError("tier.unknown", f"{benchmark.title} has no tier {tier!r}; {has}.", "tier")
    return tier
