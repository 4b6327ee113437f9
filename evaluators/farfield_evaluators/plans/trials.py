"""Repeats: every run is the same but for its seed. The plan of most benchmarks.

What a method learns from may be drawn anew in each trial: of a part whose set is named with `{trial}`, such as
`target-{trial}`, each run has its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from farfield.errors import ConfigError
from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.base import PlanBase
from farfield_evaluators.plans.means import common_keys, grouped, mean_of, spread_fact
from farfield_evaluators.plans.places import strange_placeholders
from farfield_evaluators.run_plan import Axis, Cell, Chosen, Entrant, Json, Option, Spread
from farfield_evaluators.seeds import run_seed

if TYPE_CHECKING:
    from farfield_evaluators.benchmark import Benchmark

TRIAL = "trial"


def _shown(number: Any) -> str:
    return f"trial {int(number) + 1}"


@dataclass(frozen=True)
class Trials(PlanBase):
    """`number` runs with different seeds, at least one; figures are means over them, their errors too.

    only: which trial is run at home where none is named. spread: what is shown after ±, see `RunPlan`. stochastic: how
    many runs a method has instead that is declared so. It is in no comparability key: more trials of a method tell the
    same figure better. So that entries of one and of several runs can be compared, errors are over examples and trials.
    runs: of one entry, how many its method has where that is more; see `for_method`.
    """

    number: int = 1
    only: int = 0
    spread: Spread = "stderr"
    stochastic: int = 0
    runs: int = 0

    axes = (Axis(name=TRIAL, title="Trial", shown=_shown),)
    listed_by = TRIAL
    options = (Option(name=TRIAL, help="which trial's seed to use, also beyond the plan's (default: 0)"),)

    @property
    def usual(self) -> Json:
        return {TRIAL: self.only}

    def changed(self, options: Mapping[str, int]) -> "Trials":
        """Another trial, of which there may be more at home than an entry has. Raises ConfigError below 0."""
        trial = options.get(TRIAL, self.only)
        if trial < 0:
            raise ConfigError([f"--trial {trial} is not from 0"])
        return replace(self, only=trial)

    def facts(self, tier: str) -> dict[str, Any]:
        _refuse_tier(tier)
        return {"trials": self.number, **spread_fact(self.spread)}

    def problems_of(self, benchmark: "Benchmark") -> list[str]:
        found = [] if self.number >= 1 else ["trials must be at least 1"]
        if self.stochastic and not (self.number == 1 < self.stochastic and self.spread == "stderr"):
            found.append("stochastic is 2 trials or more, where other methods have one and errors are standard errors")
        drawn = [] if self.stochastic else [TRIAL]  # a method that is run once could not learn from what differs
        return found + strange_placeholders(benchmark, drawn)

    def for_method(self, description: Json) -> "Trials":
        return replace(self, runs=self.stochastic if description.get("stochastic") else 0)

    def count(self, tier: str) -> int:
        return max(self.trials(tier), self.only + 1)

    def trials(self, tier: str) -> int:
        return max(self.number, self.runs)

    def cells(self, tier: str, entrant: Entrant) -> Iterator[Cell]:
        for trial in range(self.count(tier)):
            yield Cell(at={TRIAL: trial}, seed=run_seed(entrant.identity, entrant.benchmark, trial))

    def groups(self, at: Json) -> tuple[str, ...]:
        return (_shown(at[TRIAL]) if TRIAL in at else "",)

    def figures(self, chosen: Iterable[Chosen], tier: str = "") -> tuple[Figure, ...]:
        """The mean over trials of what all trials have; the error is over trials when there are several.

        Over them and the examples, where a plan has other methods with one run.
        """
        trials = grouped(chosen, lambda c: c.at.get(TRIAL))
        by_key = [{(c.metric, c.domain): c for c in run} for run in trials.values()]
        both = bool(self.stochastic)
        return tuple(mean_of([run[key] for run in by_key], examples=both) for key in common_keys(list(trials.values())))


SINGLE_RUNS = Trials(stochastic=3)
"""One run of what would come out the same again, three of what would not: the plan of our boards of single runs."""


def _refuse_tier(tier: str) -> None:
    if tier:
        raise KeyError(tier)
