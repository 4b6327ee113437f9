"""Repeats as a run plan: seeds as ever, means with their errors, and bounds that hold whatever a plan does."""

import math
import statistics
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from farfield.errors import ConfigError
from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.trials import Trials
from farfield_evaluators.run_plan import Cell, Entrant, Evidence, PlanError, cell_title, cells_of
from farfield_evaluators.seeds import run_seed

ENTRANT = Entrant(identity="local", benchmark="toy/mini", method="any")


def evidence(value: float, n: int = 10, *, metric: str = "accuracy") -> Evidence:
    return Evidence(figures=(Figure(metric=metric, domain="photo", value=value, stderr=0.1, n=n),))


def figures(plan: Trials, *given: tuple[Cell, Evidence]) -> tuple[Figure, ...]:
    chosen = [c for cell, what in given for g in plan.groups(cell.at) for c in plan.digest(g, [(cell, what)])]
    return plan.figures(chosen)


def test_the_seeds_are_those_of_the_runs_numbers() -> None:
    cells = cells_of(Trials(3), "", ENTRANT)
    assert [cell.at for cell in cells] == [{"trial": 0}, {"trial": 1}, {"trial": 2}]
    assert [cell.seed for cell in cells] == [run_seed("local", "toy/mini", number) for number in range(3)]
    assert cell_title(Trials(3), cells[2].at) == "trial 3"


def test_at_home_any_trial_can_be_run() -> None:
    plan = Trials().changed({"trial": 7})
    (cell,) = [cell for cell in cells_of(plan, "", ENTRANT) if cell.at == plan.usual]
    assert cell.seed == run_seed("local", "toy/mini", 7)
    assert Trials(3).changed({}) == Trials(3)
    with pytest.raises(ConfigError, match="not from 0"):
        Trials().changed({"trial": -1})


def test_one_trial_keeps_its_figure_to_the_last_digit() -> None:
    (figure,) = figures(Trials(), (Cell(at={"trial": 0}), evidence(0.1 + 0.2)))
    assert figure == Figure(metric="accuracy", domain="photo", value=0.1 + 0.2, stderr=0.1, n=10)


def test_the_error_of_several_is_over_trials() -> None:
    values = (0.5, 0.75, 0.625)
    given = [(Cell(at={"trial": number}), evidence(value)) for number, value in enumerate(values)]
    (figure,) = figures(Trials(3), *given)
    assert (figure.value, figure.trials, figure.n) == (statistics.fmean(values), 3, 30)
    assert figure.stderr == statistics.stdev(values) / math.sqrt(3)


def test_what_one_trial_lacks_has_no_mean() -> None:
    given = ((Cell(at={"trial": 0}), evidence(0.5)), (Cell(at={"trial": 1}), evidence(0.5, metric="ece")))
    assert figures(Trials(2), *given) == ()


def test_what_is_handed_in_is_one_run_without_a_number() -> None:
    (figure,) = figures(Trials(3), (Cell(at={}), evidence(0.5)))
    assert (figure.value, figure.trials) == (0.5, 1)


def test_lines_are_no_evidence_of_figures() -> None:
    given = Evidence(lines="{}\n", facts={"sizes": []})
    assert len(Trials().problems("", Cell(at={"trial": 0}), ENTRANT, given)) == 2
    assert Trials().problems("", Cell(at={"trial": 0}), ENTRANT, evidence(0.5)) == []


@dataclass(frozen=True)
class Endless(Trials):
    def cells(self, tier: str, entrant: Entrant) -> Iterator[Cell]:
        while True:
            yield Cell(at={"trial": 0})


def test_a_plan_is_stopped_that_makes_more_runs_than_it_says() -> None:
    with pytest.raises(PlanError, match="says that it makes 2 runs, and makes another number"):
        cells_of(Endless(2), "", ENTRANT)
    with pytest.raises(PlanError, match="makes 1,000,000 runs; at most 10,000"):
        cells_of(Trials(10**6), "", ENTRANT)
