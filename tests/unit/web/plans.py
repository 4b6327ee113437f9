"""A benchmark whose plan none of ours has: shots by seeds, installed for a test."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import pytest

from farfield_evaluators import catalog as module
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.base import PlanBase
from farfield_evaluators.plans.means import grouped, mean_of
from farfield_evaluators.run_plan import Axis, Cell, Chosen, Entrant, Json

NAME = "mini/shots"


@dataclass(frozen=True)
class Shots(PlanBase):
    """Each number of shots with each seed; figures are means over seeds, then over shots."""

    shots: tuple[int, ...] = (1, 5)
    seeds: int = 3

    axes = (
        Axis(name="shots", title="Shots", shown=lambda n: f"{n} shots"),
        Axis(name="seed", title="Seed", shown=lambda n: f"seed {n}"),
    )
    listed_by = "shots"

    def facts(self, tier: str) -> dict[str, Any]:
        return {"trials": self.seeds, "shots": list(self.shots)}

    def count(self, tier: str) -> int:
        return len(self.shots) * self.seeds

    def trials(self, tier: str) -> int:
        return self.count(tier)

    def cells(self, tier: str, entrant: Entrant) -> Iterator[Cell]:
        for shots in self.shots:
            for seed in range(self.seeds):
                yield Cell(at={"shots": shots, "seed": seed}, seed=100 * shots + seed)

    def groups(self, at: Json) -> tuple[str, ...]:
        return (f"{at['shots']} shots, seed {at['seed']}" if at else "",)

    def figures(self, chosen: Iterable[Chosen], tier: str = "") -> tuple[Figure, ...]:
        return tuple(mean_of(runs) for runs in grouped(chosen, lambda c: (c.metric, c.domain)).values())


def install(monkeypatch: pytest.MonkeyPatch, plan: Any, **changes: Any) -> Benchmark:
    """The installed suites and one benchmark more, of the mini board's data, with this plan and other changes.

    The site's pages are loaded before: a module that is first imported meanwhile would keep this catalog for good.
    """
    import_module("farfield_web.urls")
    like, installed = find("imagenet-ood/mini"), module.catalog()
    benchmark = replace(like, name=NAME, title="Mini by shots", plan=plan, **changes)
    mini = installed.owners[like.name]
    more = replace(mini, suite=replace(mini.suite, benchmarks=(*mini.suite.benchmarks, benchmark)))
    other = replace(installed, installed=tuple(more if each is mini else each for each in installed.installed))
    monkeypatch.setattr(module, "catalog", lambda: other)
    return benchmark
