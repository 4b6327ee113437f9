"""Folds of the data, each trained and tested on sets of its own: PovertyMap's A to E, for example.

Sets are named with `{fold}`: `Domain(set="test-{fold}")`. A figure is the mean over folds, its error the standard error
over them; what each fold gave is the figure on `rural[fold=A]`, where `each` asks for it. `spread="std"` shows the
standard deviation in place of the error, as PovertyMap's authors do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.base import PlanBase
from farfield_evaluators.plans.grid import Grid, at_point
from farfield_evaluators.plans.means import spread_fact
from farfield_evaluators.run_plan import Axis, Cell, Chosen, Entrant, HandedIn, Json, Spread

if TYPE_CHECKING:
    from farfield_evaluators.benchmark import Benchmark

FOLD = "fold"


@dataclass(frozen=True)
class Folds(PlanBase):
    """One run on each of the named folds; `each` keeps the figures of every fold beside their mean."""

    names: tuple[str, ...]
    each: bool = False
    spread: Spread = "stderr"

    axes = (Axis(name=FOLD, title="Fold", shown=lambda name: f"fold {name}"),)
    listed_by = FOLD

    @property
    def handed_in(self) -> HandedIn | None:
        """Nothing: a file of predictions has those of one run."""
        return None

    def facts(self, tier: str) -> dict[str, Any]:
        self._grid.levels_of(tier)
        facts = {"kind": "folds", "names": list(self.names), "each": self.each}
        return {"plan": {**facts, **spread_fact(self.spread)}}

    def problems_of(self, benchmark: "Benchmark") -> list[str]:
        return self._grid.problems_of(benchmark)

    def domains(self, names: Sequence[str]) -> set[str]:
        every = {at_point(name, {FOLD: fold}) for name in names for fold in self.names}
        return {*names, *(every if self.each else ())}

    def count(self, tier: str) -> int:
        return len(self.names)

    def trials(self, tier: str) -> int:
        return len(self.names)

    def cells(self, tier: str, entrant: Entrant) -> Iterable[Cell]:
        return self._grid.cells(tier, entrant)

    def groups(self, at: Json) -> tuple[str, ...]:
        return self._grid.groups(at)

    def figures(self, chosen: Iterable[Chosen], tier: str = "") -> tuple[Figure, ...]:
        every = list(chosen)
        single = [_of_fold(one) for one in every] if self.each else []
        return (*self._grid.figures(every), *single)

    @property
    def _grid(self) -> Grid:
        return Grid(levels={FOLD: self.names}, mean_over=FOLD)


def _of_fold(chosen: Chosen) -> Figure:
    domain = at_point(chosen.domain, {FOLD: chosen.at[FOLD]})
    return Figure(metric=chosen.metric, domain=domain, value=chosen.value, stderr=chosen.stderr, n=chosen.n)
