"""A plan on one machine: its runs, one after the other or some at once, each kept when it is done.

A plan that was stopped goes on where it was, a run that failed is made again alone, and what there is can be shown at
any time.
"""

from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from farfield.errors import ConfigError
from farfield_evaluators.run_plan import Axis, Cell, RunPlan, RunStore, cell_title
from farfield_workers.carrying import Carrier, Fixed, Held
from farfield_workers.evaluation import Evaluator, Outcome, Request, check_request
from farfield_workers.execution import Observer
from farfield_workers.held import cached_line, memory_line
from farfield_workers.sandbox.base import GIB
from farfield_workers.side_by_side import Watching, results

ALL = "all"
ALONE = Fixed(1)
Wanted = Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Follower:
    """Follows a plan: `request_for` says what one of its cells asks for, `carrier` how many are run side by side.

    evaluator: the evaluation path of a run that is one of so many at once.
    """

    evaluator: Callable[[int], Evaluator]
    store: RunStore
    request_for: Callable[[Cell], Request]
    carrier: Carrier = ALONE

    def run(self, cells: Sequence[Cell], observer: Observer) -> int:
        """Run those that are not done yet; returns how many were made.

        Raises FarfieldError for runs that cannot be added to what is kept, before any is made; and as `Evaluator.run`,
        at the first failure.
        """
        check_request(self.request_for(cells[0]))
        self.store.check(cells)
        wanted = [cell for cell in cells if not self.store.has(cell)]
        with closing(self._outcomes(wanted, observer)) as outcomes:
            for cell, outcome in outcomes:
                self.store.add(cell, outcome.evidence)
        return len(wanted)

    def _outcomes(self, wanted: Sequence[Cell], observer: Observer) -> Generator[tuple[Cell, Outcome]]:
        """One after the other while only one fits, which may be until it is known what one holds; then some at once."""
        rest = deque(wanted)
        while rest and self._width(len(rest)) == 1:
            cell = rest.popleft()
            observer.log(f"{self.request_for(cell).runnable.name}: {self._title(cell)}\n")
            yield cell, self._outcome(cell, observer, of=1)
        if not rest:
            return
        if len(rest) < len(wanted):
            observer.log(f"runs hold less than they may: up to {self._width(len(rest))} go at once now\n")

        def beside(cell: Cell, watcher: Observer) -> Outcome:
            return self._outcome(cell, watcher, of=self._width(len(rest)))

        yield from results(rest, beside, observer, at_once=self.carrier.at_once, title=self._title)

    def _width(self, left: int) -> int:
        return min(self.carrier.most, left)

    def _outcome(self, cell: Cell, observer: Observer, *, of: int) -> Outcome:
        watching = Watching(observer)
        outcome = self.evaluator(of).run(self.request_for(cell), watching)
        memory = outcome.memory.peak_bytes / GIB if outcome.memory else None
        self.carrier.learn(Held(memory=memory, device=watching.device_gib))
        observer.log(memory_line(outcome.memory) + cached_line(outcome.cached))
        return outcome

    def _title(self, cell: Cell) -> str:
        return cell_title(self.request_for(cell).benchmark.plan, cell.at)


def chosen_cells(plan: RunPlan, cells: Sequence[Cell], wanted: Wanted) -> tuple[Cell, ...]:
    """Those of the cells that stand where it is wanted, by axis; where nothing is, the plan's usual ones.

    A value is given as it is shown ("trial 1"), or as JSON has it (0); of a list each part must be among those wanted.
    Raises ConfigError for an axis or a value that the plan does not have.
    """
    if not wanted:
        usual = plan.usual.items()
        return tuple(cell for cell in cells if all(cell.at.get(name) == value for name, value in usual))
    axes = {axis.name: axis for axis in plan.axes}
    _refuse_unknown(axes, cells, wanted)
    chosen = tuple(cell for cell in cells if all(_stands(axes[n], cell.at[n], texts) for n, texts in wanted.items()))
    if not chosen:
        raise ConfigError(["no run of the plan is in all of these cells"])
    return chosen


def _refuse_unknown(axes: Mapping[str, Axis], cells: Sequence[Cell], wanted: Wanted) -> None:
    problems = [f"there is no axis {name!r}; the plan has: {', '.join(axes)}" for name in wanted if name not in axes]
    for name in [name for name in wanted if name in axes]:
        axis, values = axes[name], _distinct([part for cell in cells for part in _parts(cell.at[name])])
        known = {text for value in values for text in _texts(axis, value)} | {ALL}
        shown = ", ".join(_both(axis, value) for value in values)
        wrong = [text for text in wanted[name] if text not in known]
        problems += [f"{name} is never {text}; it is one of: {shown}" for text in wrong]
    if problems:
        raise ConfigError(problems)


def _stands(axis: Axis, value: Any, texts: Sequence[str]) -> bool:
    return ALL in texts or all(any(text in texts for text in _texts(axis, part)) for part in _parts(value))


def _parts(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _texts(axis: Axis, part: Any) -> tuple[str, str]:
    return str(part), _shown(axis, part)


def _both(axis: Axis, part: Any) -> str:
    plain, shown = _texts(axis, part)
    return plain if plain == shown else f"{plain} ({shown})"


def _shown(axis: Axis, part: Any) -> str:
    """A part as it is shown; of an axis whose values are lists, as a list of it alone."""
    try:
        return axis.shown(part)
    except TypeError:
        return axis.shown([part])


def _distinct(values: Sequence[Any]) -> list[Any]:
    return list(dict.fromkeys(values))
