"""Grids and folds: every cell once, means with nested errors, and what is refused of a benchmark that has one."""

import math
import statistics
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.evaluators.test_benchmark import BENCHMARK

from farfield.errors import SpecError
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.folds import Folds
from farfield_evaluators.plans.grid import Grid
from farfield_evaluators.plans.places import placed
from farfield_evaluators.run_plan import Cell, Chosen, Entrant, Tier, cell_title, cells_of

SHOTS = Grid(levels={"shots": (1, 5), "seed": (0, 1, 2)}, mean_over="seed")
ENTRANT = Entrant(identity="a", benchmark="toy/mini", method="any")
QUICK = Tier(name="quick", title="Quick", description="One seed.", protocol={"axes": {"seed": [0]}})


def chosen(at: Mapping[str, Any], value: float, **changes: Any) -> Chosen:
    return Chosen(
        **{"metric": "accuracy", "domain": "photo", "value": value, "stderr": 0.1, "n": 4, "at": at, **changes}
    )


def by_domain(figures: tuple[Figure, ...]) -> dict[str, Figure]:
    assert len({figure.key for figure in figures}) == len(figures)
    return {figure.domain: figure for figure in figures}


VALUES = {(1, 0): 0.25, (1, 1): 0.5, (1, 2): 0.375, (5, 0): 0.5, (5, 1): 0.75, (5, 2): 1.0}
GIVEN = [chosen({"shots": shots, "seed": seed}, value) for (shots, seed), value in VALUES.items()]


def test_every_cell_is_there_once_with_a_seed_of_its_own() -> None:
    cells = cells_of(SHOTS, "", ENTRANT)
    assert [tuple(cell.at.values()) for cell in cells] == list(VALUES)
    assert len({cell.seed for cell in cells}) == SHOTS.count("") == 6
    assert cell_title(SHOTS, cells[4].at) == "shots 5, seed 1"


def test_a_tier_narrows_and_keeps_the_seeds() -> None:
    plan = replace(SHOTS, tiers=(QUICK,))
    whole = {tuple(cell.at.values()): cell.seed for cell in cells_of(SHOTS, "", ENTRANT)}
    quick = {tuple(cell.at.values()): cell.seed for cell in cells_of(plan, "quick", ENTRANT)}
    assert quick == {place: whole[place] for place in ((1, 0), (5, 0))}
    assert (plan.trials("quick"), plan.trials("")) == (1, 3)
    assert plan.facts("quick")["plan"]["axes"]["seed"] == [0]
    with pytest.raises(KeyError):
        plan.facts("other")


def test_a_point_has_the_mean_over_its_repeats() -> None:
    figures = by_domain(SHOTS.figures(GIVEN))
    point, values = figures["photo[shots=5]"], (0.5, 0.75, 1.0)
    assert (point.value, point.trials, point.n) == (0.75, 3, 12)
    assert point.stderr == statistics.stdev(values) / math.sqrt(3)


def test_the_error_of_the_mean_over_points_is_over_repeats_that_have_all() -> None:
    whole = by_domain(SHOTS.figures(GIVEN))["photo"]
    means = [statistics.fmean((VALUES[1, seed], VALUES[5, seed])) for seed in range(3)]
    assert whole.value == pytest.approx(statistics.fmean(means))
    assert whole.stderr == statistics.stdev(means) / math.sqrt(3)
    assert whole.trials == 3


def test_of_a_single_repeat_it_is_that_of_independent_figures() -> None:
    whole = by_domain(SHOTS.figures([one for one in GIVEN if one.at["seed"] == 0]))["photo"]
    assert (whole.stderr, whole.trials) == (math.hypot(0.1, 0.1) / 2, 1)


def test_a_mean_over_some_points_is_no_mean_over_all() -> None:
    assert set(by_domain(SHOTS.figures(GIVEN[:3]))) == {"photo[shots=1]"}
    assert SHOTS.figures([]) == ()


def test_what_a_repeat_lacks_has_no_mean_there() -> None:
    given = [*GIVEN, chosen({"shots": 1, "seed": 0}, 0.5, metric="ece")]
    assert {figure.metric for figure in SHOTS.figures(given)} == {"accuracy"}


def test_folds_are_means_with_the_error_over_them() -> None:
    given = [chosen({"fold": name}, value) for name, value in zip("ABCDE", (0.5, 0.25, 0.75, 0.5, 0.5), strict=True)]
    plan = Folds(("A", "B", "C", "D", "E"), each=True)
    figures = by_domain(plan.figures(given))
    assert (figures["photo"].value, figures["photo"].trials) == (0.5, 5)
    assert figures["photo"].stderr == statistics.stdev([0.5, 0.25, 0.75, 0.5, 0.5]) / math.sqrt(5)
    assert figures["photo[fold=B]"] == Figure(metric="accuracy", domain="photo[fold=B]", value=0.25, stderr=0.1, n=4)
    assert [figure.domain for figure in Folds(("A", "B")).figures(given[:2])] == ["photo"]
    assert plan.listed_by == "fold"
    assert cell_title(plan, {"fold": "C"}) == "fold C"


def of_folds(**changes: Any) -> Benchmark:
    domains = (Domain(name="photo", title="Photographs", role="shift", set="test-{fold}"),)
    values = {"plan": Folds(("A", "B")), "domains": domains, "train_set": "train-{fold}"}
    return replace(BENCHMARK, **{**values, **changes})


def test_the_sets_of_a_cell_are_named_by_it() -> None:
    here = placed(of_folds(), {"fold": "B"})
    assert ([domain.set for domain in here.domains], here.train_set) == (["test-B"], "train-B")
    assert placed(BENCHMARK, {"trial": 0}) is BENCHMARK


def test_a_plan_is_part_of_what_is_comparable() -> None:
    plans = (Folds(("A", "B")), Folds(("A", "B", "C")), Grid(levels={"fold": ("A", "B")}, mean_over="fold"))
    assert len({of_folds(plan=plan).comparability_key("f") for plan in plans}) == 3


def test_a_column_may_be_at_a_point() -> None:
    column = Column(metric="accuracy", domain="photo[fold=B]", title="Fold B")
    assert of_folds(columns=(column,), plan=Folds(("A", "B"), each=True)).columns == (column,)
    with pytest.raises(SpecError, match="there is no domain 'photo\\[fold=B\\]'"):
        of_folds(columns=(column,))


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        (Folds(()), "axis 'fold' has no values"),
        (Folds(("A", "A")), "axis 'fold' has a value twice"),
        (Grid(levels={"shots": (1,)}, mean_over="seed"), "no axis 'seed' to mean over"),
        (Grid(levels={"seed": (1,)}, mean_over="seed"), "a set is named by {fold}, which is no axis of its plan"),
        (Grid(levels={"fold": range(10**6)}, mean_over="fold"), "its plan makes 1,000,000 runs"),
        (
            replace(SHOTS, tiers=(replace(QUICK, protocol={"axes": {"seed": [7]}}),)),
            "the tier 'quick' has values of 'seed' that its plan has not",
        ),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused(plan: Any, says: str) -> None:
    with pytest.raises(SpecError, match=says):
        of_folds(plan=plan)


def test_evidence_of_one_run_is_one_group() -> None:
    cells = cells_of(SHOTS, "", ENTRANT)
    groups = [SHOTS.groups(cell.at) for cell in cells]
    assert len({group for (group,) in groups}) == 6
    assert SHOTS.digest(*groups[0], [(Cell(at={"shots": 1, "seed": 0}), _evidence())])[0].at == {"shots": 1, "seed": 0}


def _evidence() -> Any:
    from farfield_evaluators.run_plan import Evidence

    return Evidence(figures=(Figure(metric="accuracy", domain="photo", value=0.5, stderr=None, n=1),))
