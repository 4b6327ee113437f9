"""The plans of WILDS' benchmarks: a run for each replicate, or the replicates of a folder that is handed in whole.

Of a folder the figures of every replicate come as lines, and what is made of them is what is made of runs: the mean,
with the standard deviation over replicates beside it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from farfield_evaluators.plans.base import PlanBase
from farfield_evaluators.plans.folds import FOLD, Folds
from farfield_evaluators.plans.trials import TRIAL, Trials
from farfield_evaluators.prose import Prose
from farfield_evaluators.run_plan import Cell, Chosen, Entrant, Evidence, File, HandedIn, Json, RunPlan
from farfield_evaluators.suites.wilds.datasets import DATASETS, Dataset
from farfield_evaluators.suites.wilds.handed_in import FOLDER
from farfield_evaluators.suites.wilds.lines import FILE, Line, lines_of, read_lines
from farfield_evaluators.suites.wilds.scoring import scoring_of

SHOWN = 5
PROSE = Prose(
    results="Over the replicates that are done: after ±, their standard deviation, with ddof 1 as WILDS has it.",
    files="as lines of JSON, one for each figure of each replicate.",
)


class Replicated(PlanBase):
    """What the plans of seeds and of folds have in common; `dataset_name` is WILDS' name of the data set."""

    dataset_name: str = ""
    prose = PROSE

    @property
    def dataset(self) -> Dataset:
        return DATASETS[self.dataset_name]

    @property
    def handed_in(self) -> HandedIn | None:
        return FOLDER

    def problems(self, tier: str, cell: Cell, entrant: Entrant, evidence: Evidence) -> list[str]:
        """Of runs as for all plans; a folder gives lines alone, and figures of every replicate."""
        if cell.at:
            return super().problems(tier, cell, entrant, evidence)
        if evidence.figures or evidence.facts:
            return ["figures or facts came with a folder of predictions, which gives lines alone"]
        lines, wrong = read_lines(evidence.lines)
        return wrong[:SHOWN] or self._strange(lines)[:SHOWN]

    def digest(self, group: str, evidence: Sequence[tuple[Cell, Evidence]]) -> tuple[Chosen, ...]:
        """Every figure of every replicate: nothing is chosen."""
        of_runs = [(cell, given) for cell, given in evidence if cell.at]
        read = [line for cell, given in evidence if not cell.at for line in read_lines(given.lines)[0]]
        return (*super().digest(group, of_runs), *(self._chosen(line) for line in read))

    def files(self, cell: Cell, evidence: Evidence, rounded: Callable[[float], float] | None) -> Iterator[File]:
        """What a folder gave, as lines: computed here, so rounded where figures that leave are."""
        if not cell.at:
            lines = read_lines(evidence.lines)[0]
            yield FILE, lines_of([line if rounded is None else line.rounded(rounded) for line in lines])

    def _strange(self, lines: Sequence[Line]) -> list[str]:
        known = {metric.name for metric in scoring_of(self.dataset_name).metrics}
        asked = {str(each) for each in self.dataset.replicates}
        found = {line.replicate for line in lines}
        places = {(line.replicate, line.figure.key) for line in lines}
        strange = sorted({line.figure.metric for line in lines} - known)
        problems = [f"there is no metric {name!r}" for name in strange]
        problems += [f"the replicates are {', '.join(sorted(found))}"] if found != asked else []
        return problems + (["a figure is given twice"] if len(places) < len(lines) else [])

    def _chosen(self, line: Line) -> Chosen:
        figure = line.figure
        return Chosen(
            metric=figure.metric,
            domain=figure.domain,
            value=figure.value,
            stderr=figure.stderr,
            n=figure.n,
            at=self._at(line.replicate),
        )

    def _at(self, replicate: str) -> Json:
        kind, _, value = replicate.partition(":")
        return {FOLD: value} if kind == "fold" else {TRIAL: int(value)}


@dataclass(frozen=True)
class SeedReplicates(Replicated, Trials):
    """A run for each seed."""

    dataset_name: str = ""


@dataclass(frozen=True)
class FoldReplicates(Replicated, Folds):
    """A run for each fold."""

    dataset_name: str = ""


def replicates_of(dataset: Dataset, **options: Any) -> RunPlan:
    """The plan of a data set's benchmark; `options` are those of the plan of trials or of folds."""
    values = tuple(each.value for each in dataset.replicates)
    if dataset.replicates[0].kind == "fold":
        return FoldReplicates(values, dataset_name=dataset.name, **options)
    return SeedReplicates(len(values), dataset_name=dataset.name, **options)
