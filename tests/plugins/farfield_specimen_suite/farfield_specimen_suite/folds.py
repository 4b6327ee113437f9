"""A plan of one's own: each run trains on what one fold has, and every run is tested on the same images."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.base import PlanBase
from farfield_evaluators.plans.means import common_keys, grouped, mean_of
from farfield_evaluators.run_plan import Axis, Cell, Chosen, Entrant, Json, Staged, Staging
from farfield_evaluators.seeds import run_seed
from farfield_specimen_suite.squares import FOLDS

FOLD = "fold"


def _shown(fold: Any) -> str:
    return str(fold).rpartition("/")[2].upper()


@dataclass(frozen=True)
class LeaveOneFoldOut(PlanBase):
    """A run for each fold. Figures are means over folds, their errors too."""

    axes = (Axis(name=FOLD, title="Fold", shown=_shown, phrase="fold {}"),)
    listed_by = FOLD

    @property
    def usual(self) -> Json:
        return {FOLD: FOLDS[0]}

    def facts(self, tier: str) -> dict[str, Any]:
        if tier:
            raise KeyError(tier)
        return {"trials": 1, "folds": list(FOLDS)}

    def problems_of(self, benchmark: Benchmark) -> list[str]:
        return [] if benchmark.train_set else ["it has nothing to train on"]

    def count(self, tier: str) -> int:
        return len(FOLDS)

    def trials(self, tier: str) -> int:
        return len(FOLDS)

    def cells(self, tier: str, entrant: Entrant) -> Iterator[Cell]:
        for number, fold in enumerate(FOLDS):
            yield Cell(at={FOLD: fold}, seed=run_seed(entrant.identity, entrant.benchmark, number))

    def stage(self, staging: Staging) -> Staged:
        """As it is usual, with the training set of the fold."""
        trained = replace(staging.benchmark, train_set=staging.cell.at[FOLD])
        return super().stage(replace(staging, benchmark=trained))

    def groups(self, at: Json) -> tuple[str, ...]:
        return (_shown(at.get(FOLD, "")),)

    def figures(self, chosen: Iterable[Chosen], tier: str = "") -> tuple[Figure, ...]:
        """The mean over folds of what all folds have."""
        folds = grouped(chosen, lambda c: c.at.get(FOLD))
        by_key = [{(c.metric, c.domain): c for c in fold} for fold in folds.values()]
        return tuple(mean_of([fold[key] for fold in by_key]) for key in common_keys(list(folds.values())))
