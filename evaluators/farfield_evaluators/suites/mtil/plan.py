"""The plan of tasks in sequence: in each order a run after the first task, one after the first two, and so on.

A run learns from the tasks up to its own and from no later one, and is tested on all of them: it is one row of the
matrix of accuracies a[after, task], on the domains `food[order=1,after=2]`. Once an order has all its rows, the mean
accuracies of the paper stand on `transfer[order=1]`, `average[order=1]` and `last[order=1]`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.base import PlanBase
from farfield_evaluators.plans.grid import at_point, canonical
from farfield_evaluators.plans.means import grouped, of_independent, total
from farfield_evaluators.plans.places import strange_placeholders
from farfield_evaluators.prose import Prose
from farfield_evaluators.run_plan import Axis, Cell, Chosen, Entrant, HandedIn, Json, Staged, Staging
from farfield_evaluators.seeds import cell_seed
from farfield_evaluators.suites.mtil import matrix

if TYPE_CHECKING:
    from farfield_evaluators.benchmark import Benchmark

ORDER, AFTER = "order", "after"
TRANSFER, AVERAGE, LAST = "transfer", "average", "last"
SUMMARIES = {TRANSFER: matrix.transfer, AVERAGE: matrix.average, LAST: matrix.last}
LEARNED = f"learned-{{{ORDER}}}-{{{AFTER}}}"
PROSE = Prose(
    part="task",
    place="Task",
    parts="A task is a data set with classes of its own; on its test images the classes of other tasks do not count.",
    training="the tasks up to the one that a run is named after, in its order",
    results="Accuracy in per cent, of the runs that are done. After ±, one standard error over test images.",
)


@dataclass(frozen=True)
class InOrder(PlanBase):
    """The tasks in each of these orders, by the names of the benchmark's domains."""

    orders: tuple[tuple[str, ...], ...]

    listed_by = ORDER
    prose = PROSE

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        return (
            Axis(name=ORDER, title="Order", shown=lambda number: f"order {number}"),
            Axis(name=AFTER, title="After", shown=lambda number: f"after {number} tasks" if number > 1 else "after 1"),
        )

    @property
    def handed_in(self) -> HandedIn | None:
        """Nothing: a file of predictions has those of one run."""
        return None

    def facts(self, tier: str) -> dict[str, Any]:
        if tier:
            raise KeyError(tier)
        return {"plan": {"kind": "in-order", "orders": [list(order) for order in self.orders]}}

    def problems_of(self, benchmark: "Benchmark") -> list[str]:
        tasks = sorted(domain.name for domain in benchmark.domains)
        wrong = [order for order in self.orders if sorted(order) != tasks]
        problems = [f"the order {', '.join(order)} is not one of its tasks {', '.join(tasks)}" for order in wrong]
        problems += [] if self.orders and len(tasks) > 1 else ["it has no order, or a single task"]
        return problems + strange_placeholders(benchmark, [ORDER, AFTER])

    def domains(self, names: Sequence[str]) -> set[str]:
        rows = {at_point(name, dict(cell)) for name in names for cell in self._places}
        return rows | {at_point(name, {ORDER: number}) for name in SUMMARIES for number in self._numbers}

    def count(self, tier: str) -> int:
        return len(self._places)

    def trials(self, tier: str) -> int:
        return 1

    def cells(self, tier: str, entrant: Entrant) -> Iterator[Cell]:
        """All runs of an order have one seed, so that each learns its first tasks as the run before did."""
        for place in self._places:
            at = dict(place)
            yield Cell(at=at, seed=cell_seed(entrant.identity, entrant.benchmark, {ORDER: at[ORDER]}))

    def stage(self, staging: Staging) -> Staged:
        """As of any benchmark, but domains are numbered in the order in which they are to be learned."""
        staged = super().stage(staging)
        named = staged.job["domain_names"]
        order = self.orders[staging.cell.at[ORDER] - 1]
        tasks = [name for name in order if name in named]
        names = (*tasks, *(name for name in named if name not in order))
        places = np.array([names.index(name) for name in named], np.int64)
        for part in staging.benchmark.learned_from():
            path = staging.folder / part / "domains.npy"
            if path.exists():
                np.save(path, places[np.load(path)], allow_pickle=False)
        return replace(staged, job={**staged.job, "domain_names": names})

    def groups(self, at: Json) -> tuple[str, ...]:
        return (canonical(at),)

    def figures(self, chosen: Iterable[Chosen], tier: str = "") -> tuple[Figure, ...]:
        rows = list(chosen)
        by_order = grouped(rows, lambda c: c.at[ORDER])
        summaries = (f for number, of in by_order.items() for f in self._summaries(number, of))
        return (*(_figure(c) for c in rows), *summaries)

    def _summaries(self, number: int, chosen: Sequence[Chosen]) -> Iterator[Figure]:
        """Of each metric that all tasks have after each, Transfer, Average and Last."""
        order = self.orders[number - 1]
        for metric, of in grouped(chosen, lambda c: c.metric).items():
            known = {(c.at[AFTER], c.domain): c for c in of}
            places = [[(after, task) for task in order] for after in range(1, len(order) + 1)]
            if all(place in known for row in places for place in row):
                square = [[known[place] for place in row] for row in places]
                yield from _over(metric, square, number)

    @property
    def _numbers(self) -> range:
        return range(1, len(self.orders) + 1)

    @property
    def _places(self) -> list[Mapping[str, int]]:
        return [{ORDER: n, AFTER: k + 1} for n in self._numbers for k in range(len(self.orders[n - 1]))]


def _over(metric: str, square: Sequence[Sequence[Chosen]], order: int) -> Iterator[Figure]:
    values = np.array([[c.value for c in row] for row in square])
    parts = {
        TRANSFER: [[row[task] for row in square[:task]] for task in range(1, len(square))],
        AVERAGE: [[row[task] for row in square] for task in range(len(square))],
        LAST: [[c] for c in square[-1]],
    }
    for name, of in SUMMARIES.items():
        yield Figure(
            metric=metric,
            domain=at_point(name, {ORDER: order}),
            value=of(values),
            stderr=of_independent([_error(cells) for cells in parts[name]]),
            n=total([cells[0].n for cells in parts[name]]),
        )


def _error(cells: Sequence[Chosen]) -> float | None:
    """Of a mean over models on the same images: at most the mean of their errors, as where all fail on the same."""
    known = [c.stderr for c in cells if c.stderr is not None]
    return fmean(known) if len(known) == len(cells) else None


def _figure(chosen: Chosen) -> Figure:
    domain = at_point(chosen.domain, chosen.at)
    return Figure(metric=chosen.metric, domain=domain, value=chosen.value, stderr=chosen.stderr, n=chosen.n)
