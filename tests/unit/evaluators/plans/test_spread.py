"""What stands after ±: the standard deviation over repeats where a plan says so, as WILDS has it, else the error."""

import json
import statistics
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.evaluators.plans.test_trials import ENTRANT, evidence, figures
from tests.unit.evaluators.test_benchmark import BENCHMARK

from farfield_evaluators.benchmark import Column
from farfield_evaluators.plans.folds import Folds
from farfield_evaluators.plans.means import spread_of
from farfield_evaluators.plans.trials import Trials
from farfield_evaluators.run_plan import Local, cells_of
from farfield_evaluators.table import partial_table

STD = Trials(3, spread="std")
TOLD = replace(BENCHMARK, plan=STD, columns=(Column(metric="accuracy", domain="photo", title="Accuracy"),))
VALUES = (0.5, 0.6, 0.8)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=10))
def test_it_is_the_standard_deviation_with_one_degree_of_freedom_less(values: list[float]) -> None:
    plan = Trials(len(values), spread="std")
    cells = cells_of(plan, "", ENTRANT)
    (mean,) = figures(plan, *((cell, evidence(value)) for cell, value in zip(cells, values, strict=True)))
    assert spread_of(mean, plan.spread) == pytest.approx(statistics.stdev(values), abs=1e-12)
    assert spread_of(mean, "stderr") == mean.stderr


def test_one_repeat_has_no_standard_deviation() -> None:
    (one,) = figures(STD, (cells_of(STD, "", ENTRANT)[0], evidence(0.5)))
    assert (spread_of(one, "std"), spread_of(one, "stderr")) == (None, 0.1)


def test_only_plans_that_ask_for_it_have_another_key() -> None:
    assert Trials(3).facts("") == {"trials": 3}
    assert Folds(("A", "B")).facts("") == {"plan": {"kind": "folds", "names": ["A", "B"], "each": False}}
    assert STD.facts("") == {"trials": 3, "spread": "std"}
    assert Folds(("A", "B"), spread="std").facts("")["plan"]["spread"] == "std"


def test_tables_and_json_at_home_say_which_it_is(tmp_path: Path) -> None:
    local = Local(benchmark=TOLD, tier="", entrant=ENTRANT, description={"name": "any"}, config={})
    store = STD.store(tmp_path, local)
    for cell, value in zip(cells_of(STD, "", ENTRANT), VALUES, strict=True):
        store.add(cell, evidence(value))
    assert store.report("text").splitlines() == [
        "Accuracy    63.3 ± 15.3",
        "± is the standard deviation over 3 replicates (ddof 1)",
        "3 of 3 runs",
    ]
    (score,) = json.loads(store.report("json"))["scores"]
    assert score["std"] == pytest.approx(statistics.stdev(VALUES))


def test_the_interval_is_told_by_its_own_name(tmp_path: Path) -> None:
    """1.96 standard deviations, with ddof 0, over the root of their number, as FsDet has it."""
    plan = Trials(3, spread="ci95")
    local = Local(benchmark=replace(TOLD, plan=plan), tier="", entrant=ENTRANT, description={"name": "any"}, config={})
    store = plan.store(tmp_path, local)
    for cell, value in zip(cells_of(plan, "", ENTRANT), VALUES, strict=True):
        store.add(cell, evidence(value))
    (score,) = json.loads(store.report("json"))["scores"]
    assert score["ci95"] == pytest.approx(1.96 * statistics.pstdev(VALUES) / 3**0.5)
    assert "std" not in score
    assert "± is the 95% interval over 3 repeats" in store.report("text")


def test_the_usual_table_is_as_it_was() -> None:
    plan = Trials(3)
    cells = cells_of(plan, "", ENTRANT)
    mean = figures(plan, *((cell, evidence(value)) for cell, value in zip(cells, VALUES, strict=True)))
    assert partial_table(replace(TOLD, plan=plan), mean) == "Accuracy    63.3 ± 8.8\n"
