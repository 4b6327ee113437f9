"""The plan of open-set recognition: each split has known classes of its own, and a method is told of no others.

Which are known in a split its training images say. A method gets them numbered from 0, by their names alone; so many
logits are asked of it. That is how OpenOOD trains and tests a network for each of its five splits (Yang et al. 2022,
arXiv 2210.07242).
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from farfield_evaluators.plans.folds import FOLD, Folds
from farfield_evaluators.plans.places import placed
from farfield_evaluators.run_plan import Axis, Staged, Staging

if TYPE_CHECKING:
    from farfield_evaluators.benchmark import Benchmark


@dataclass(frozen=True)
class OpenSetSplits(Folds):
    """One run on each split, with its own known classes."""

    axes = (Axis(name=FOLD, title="Split", shown=lambda name: f"split {name}"),)

    def facts(self, tier: str) -> dict[str, Any]:
        plan = super().facts(tier)["plan"]
        return {"plan": {**plan, "kind": "open-set splits"}}

    def problems_of(self, benchmark: "Benchmark") -> list[str]:
        problems = [] if benchmark.train_set else ["it has no training set, which would say what is known"]
        return problems + super().problems_of(benchmark)

    def stage(self, staging: Staging) -> Staged:
        from farfield_evaluators.suites.openood.known_part import known_part  # it reads images

        train_set = placed(staging.benchmark, staging.cell.at).train_set
        assert train_set is not None  # noqa: S101 - `problems_of` asks for one
        return super().stage(replace(staging, pack=known_part(staging.pack, train_set)))
