"""Repeats as a run plan: seeds as ever, means with their errors, and bounds that hold whatever a plan does."""

import math
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pytest

from farfield.errors import ConfigError, SpecError
from farfield_evaluators.catalog import find
from farfield_evaluators.figure import Figure
from farfield_evaluators.inference.resampling import Outcomes, bootstrap
from farfield_evaluators.inference.trials import over_trials
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


STOCHASTIC = Trials(stochastic=3)


def test_a_stochastic_method_has_several_runs_and_others_one() -> None:
    more, usual = (STOCHASTIC.for_method({"stochastic": told}) for told in (True, False))
    assert [cell.seed for cell in cells_of(more, "", ENTRANT)] == [run_seed("local", "toy/mini", n) for n in range(3)]
    assert cells_of(usual, "", ENTRANT) == cells_of(Trials(), "", ENTRANT)
    assert Trials(2).for_method({"stochastic": True}) == Trials(2)


@pytest.mark.parametrize(
    "plan", [STOCHASTIC, STOCHASTIC.for_method({"stochastic": True}), STOCHASTIC.changed({"trial": 7})]
)
def test_how_often_a_method_is_run_is_in_no_key(plan: Trials) -> None:
    board = find("groups/drawings")
    assert replace(board, plan=plan).comparability_key("data") == board.comparability_key("data")


def test_the_error_of_a_stochastic_method_is_over_trials_and_examples() -> None:
    values = (0.5, 0.75, 0.625)
    given = [(Cell(at={"trial": number}), evidence(value)) for number, value in enumerate(values)]
    (figure,) = figures(STOCHASTIC, *given)
    assert (figure.value, figure.trials) == (statistics.fmean(values), 3)
    assert figure.stderr == pytest.approx(math.hypot(statistics.stdev(values) / math.sqrt(3), 0.1))
    assert figures(STOCHASTIC, given[0])[0].stderr == 0.1


@pytest.mark.parametrize("alike", [0.0, 0.5, 1.0])
def test_that_error_is_never_too_small_and_agrees_with_the_bootstrap_of_both(alike: float) -> None:
    """500 experiments: the same examples for all trials, which fail on the same ones as far as `alike` says."""
    rng = np.random.default_rng(7)
    trials, examples = 5, 400
    plan, means, errors, drawn = Trials(stochastic=trials), [], [], []
    for number in range(500):
        hard, lucky = rng.random(examples), rng.normal(0, 0.02, trials)
        own = rng.random((trials, examples))
        shared = rng.random((trials, examples)) < alike
        hits = np.where(shared, hard[None, :], own) < 0.7 + lucky[:, None]
        given = [(Cell(at={"trial": t}), of_hits(hits[t])) for t in range(trials)]
        (figure,) = figures(plan, *given)
        means.append(figure.value)
        errors.append(figure.stderr or 0.0)
        if number < 40:
            runs = bootstrap([Outcomes(values=hits.T.astype(float))], resamples=400, seed=number)
            drawn.append(over_trials(runs, [0] * trials, seed=number).draws.std())
    true = float(np.std(means))
    assert true * 0.97 < np.mean(errors) < true * math.sqrt(trials) * 1.05
    assert np.mean(drawn) < np.mean(errors) * 1.05
    if alike == 1.0:
        assert np.mean(errors) == pytest.approx(true, rel=0.08)
        assert np.mean(drawn) == pytest.approx(np.mean(errors), rel=0.08)


def of_hits(hits: npt.NDArray[np.bool_]) -> Evidence:
    error = float(hits.std(ddof=1) / math.sqrt(len(hits)))
    told = Figure(metric="accuracy", domain="photo", value=float(hits.mean()), stderr=error, n=len(hits))
    return Evidence(figures=(told,))


@pytest.mark.parametrize("plan", [Trials(3, stochastic=5), Trials(stochastic=1), Trials(stochastic=3, spread="std")])
def test_trials_that_could_not_be_compared_are_refused(plan: Trials) -> None:
    with pytest.raises(SpecError, match="stochastic is 2 trials or more"):
        replace(find("imagenet-ood/mini"), plan=plan)
