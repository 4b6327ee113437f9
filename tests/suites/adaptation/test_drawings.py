"""`adaptation/drawings`: what a method gets in which trial, and the mean over trials as the headline."""

import statistics
from dataclasses import replace

import pytest

from farfield.errors import SpecError
from farfield_evaluators.catalog import find
from farfield_evaluators.plans.places import placed
from farfield_evaluators.run_plan import Chosen, Entrant, cells_of

NAME = "adaptation/drawings"


def test_each_trial_learns_from_other_target_examples_and_is_tested_on_the_same() -> None:
    benchmark = find(NAME)
    cells = cells_of(benchmark.plan, "", Entrant(identity="1", benchmark=NAME, method="any"))
    learned = [placed(benchmark, cell.at).learned_from() for cell in cells]
    assert learned == [
        {"train": "train", "val": "val", "target": f"target-{trial}", "target_val": f"target-val-{trial}"}
        for trial in range(5)
    ]
    assert {placed(benchmark, cell.at).domains for cell in cells} == {benchmark.domains}


def test_the_headline_is_the_mean_over_trials() -> None:
    benchmark = find(NAME)
    values = [0.5, 0.6, 0.4, 0.7, 0.8]
    chosen = [
        Chosen(metric="accuracy", domain="target", value=value, n=192, at={"trial": trial})
        for trial, value in enumerate(values)
    ]
    (figure,) = benchmark.plan.figures(chosen)
    assert (benchmark.columns[0].metric, benchmark.columns[0].domain) == (figure.metric, figure.domain)
    assert figure.value == pytest.approx(0.6)
    assert figure.stderr == pytest.approx(statistics.stdev(values) / 5**0.5)


def test_a_set_named_by_what_is_no_axis_is_refused() -> None:
    with pytest.raises(SpecError, match="named by {fold}, which is no axis"):
        replace(find(NAME), parts={"target": "target-{fold}"})
