"""Scorers keep their word: what they give, what they look at, and who is to blame when they fail."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.evaluators.scoring.made import classified, figures_of

from farfield.errors import PredictionsError, SpecError
from farfield_evaluators.catalog import benchmarks
from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.metrics.catalog import ACCURACY, NLL
from farfield_evaluators.scoring import classification
from farfield_evaluators.scoring.aggregates import USUAL, Aggregate, worst
from farfield_evaluators.scoring.groups import worst_of
from farfield_evaluators.scoring.remarks import empty_groups
from farfield_evaluators.scoring.scorer import ScorerError, Wanted, each, score_tests
from farfield_evaluators.scoring.test import Array, Outcome, Test
from farfield_evaluators.suites.mini.classification import IMAGENET_OOD_MINI as MINI

OWN = Metric(name="own", title="Own", higher_is_better=False, description="Any.")


def one(name: str = "val", role: str = "id", count: int = 12) -> Test:
    rng = np.random.default_rng(len(name))
    return classified(name, role, rng.normal(size=(count, 4)), rng.integers(0, 4, count), place=np.arange(count) % 3)


@dataclass(frozen=True)
class Gives:
    """A scorer that gives these figures, whatever it is asked for."""

    figures: tuple[Figure, ...]
    gives: tuple[Metric, ...] = (OWN,)

    def needs(self, test: Test) -> Iterable[Outcome]:
        return ()

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        yield from self.figures


def figure(metric: str = "own", domain: str = "val") -> Figure:
    return Figure(metric=metric, domain=domain, value=0.5, stderr=None, n=1)


def test_outputs_are_looked_at_once_for_all_scorers_and_parts() -> None:
    taken: list[str] = []

    class Watched(Mapping[str, Array]):
        def __getitem__(self, name: str) -> Array:
            if not name.endswith("-rows"):
                taken.append(name)
            return {"logits": np.eye(4)[[0, 1, 2, 3]]}[name]

        def __iter__(self) -> Iterator[str]:
            return iter(())

        def __len__(self) -> int:
            return 0

    test = one(count=4).with_outputs(Watched())
    scorers = (*classification.CALIBRATION, classification.ACCURACY, worst_of(classification.NLL, ("place",)))
    figures_of([test], scorers)
    assert taken == ["logits"]


def test_only_scorers_of_wanted_metrics_are_asked() -> None:
    def fails(test: Test) -> Estimate:
        raise AssertionError

    wanted = Wanted(metrics=frozenset({"accuracy"}))
    figures = score_tests((each(OWN, fails), classification.ACCURACY), [one()], wanted)
    assert {figure.metric for figure in figures} == {"accuracy"}


def test_a_figure_that_its_scorer_does_not_declare_is_an_error() -> None:
    with pytest.raises(ScorerError, match="the scorer of own gives the metric 'other', too"):
        figures_of([one()], (Gives((figure(), figure("other"))),))


def test_a_figure_that_comes_twice_is_an_error() -> None:
    with pytest.raises(ScorerError, match="a figure is given twice: own on val"):
        figures_of([one()], (Gives((figure(), figure())),))


def test_a_scorer_that_fails_is_named_and_is_no_fault_of_predictions() -> None:
    def fails(test: Test) -> Estimate:
        raise ZeroDivisionError("by nothing")

    with pytest.raises(ScorerError, match="the scorer of own failed: ZeroDivisionError: by nothing") as caught:
        figures_of([one()], (each(OWN, fails),))
    assert caught.value.code == "platform.scorer"

    def looks(test: Test) -> Mapping[str, Array]:
        return {"x": test.outputs["absent"]}

    with pytest.raises(ScorerError, match="failed: KeyError: 'absent'"):
        figures_of([one()], (each(OWN, lambda test: None, Outcome(columns=("x",), of=looks)),))


def test_predictions_that_cannot_be_scored_are_their_authors() -> None:
    def refuses(test: Test) -> Estimate:
        raise PredictionsError("no box is inside its image")

    with pytest.raises(PredictionsError, match="no box"):
        figures_of([one()], (each(OWN, refuses),))


def test_an_undefined_figure_is_left_out_with_the_aggregates_over_it() -> None:
    def but_one(test: Test) -> Estimate | None:
        return None if test.domain == "b" else Estimate(value=0.5, stderr=0.1)

    tests = [one("val"), one("a", "shift"), one("b", "shift")]
    assert {f.domain for f in figures_of(tests, (each(OWN, but_one),))} == {"val", "id", "a"}


@given(st.lists(st.integers(0, 4), min_size=1, max_size=12), st.data())
@settings(max_examples=60, deadline=None)
def test_parts_of_ragged_arrays_are_those_of_lists(lengths: list[int], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(lengths) - 1), max_size=12))
    values = np.arange(sum(lengths) * 2).reshape(-1, 2)
    outputs = {"boxes": values, "boxes-rows": np.array(lengths)}
    test = Test(domain="d", role="id", count=len(lengths), outputs=outputs)
    lists = np.split(values, np.cumsum(lengths)[:-1])
    part = test.part(np.array(rows, np.int64))
    assert part.outputs["boxes"].tolist() == [row for place in rows for row in lists[place].tolist()]
    assert part.outputs["boxes-rows"].tolist() == [lengths[place] for place in rows]
    again = part.part(np.arange(len(rows))[::-1])
    assert again.outputs["boxes"].tolist() == [row for place in rows[::-1] for row in lists[place].tolist()]


def test_a_mask_and_places_choose_the_same() -> None:
    test, mask = one(), np.arange(12) % 2 == 0
    by_mask, by_place = test.part(mask), test.part(np.flatnonzero(mask))
    assert len(by_mask) == len(by_place) == 6
    assert (by_mask.labels == by_place.labels).all()
    assert by_mask.attributes["place"].numbers.tolist() == by_place.attributes["place"].numbers.tolist()


def test_a_benchmark_is_refused_whose_metrics_nobody_computes() -> None:
    with pytest.raises(SpecError, match="no scorer gives the metric 'nll'"):
        replace(MINI, metrics=(ACCURACY, NLL))


def test_a_benchmark_declares_aggregates_of_its_own() -> None:
    lowest = Aggregate(name="lowest", title="Lowest", role="shift", combine=worst)
    declares = replace(MINI, aggregates=(*USUAL, lowest))
    column = replace(MINI.columns[0], domain="lowest", title="Lowest shift")
    assert replace(declares, columns=(*MINI.columns, column)).columns[-1] == column
    assert declares.comparability_key("f") != MINI.comparability_key("f")
    titled = replace(declares, aggregates=(*USUAL, replace(lowest, title="The lowest")))
    assert titled.comparability_key("f") == declares.comparability_key("f")
    with pytest.raises(SpecError, match="two aggregate or domains are called 'noto'"):
        replace(MINI, aggregates=(replace(lowest, name="noto"),), columns=MINI.columns[1:2])


def test_every_metric_of_every_benchmark_is_given_by_a_scorer_or_a_plan() -> None:
    for benchmark in benchmarks():
        given = {metric.name for scorer in benchmark.scorers for metric in scorer.gives}
        planned = {selection.metric for selection in benchmark.plan.selections}
        assert {metric.name for metric in benchmark.metrics} <= given | planned


def test_groups_without_a_figure_are_remarked() -> None:
    scorer = worst_of(classification.ACCURACY, ("place",), smallest=5)
    [remark] = empty_groups((scorer, classification.ACCURACY), [one(), one("b", "shift", count=15)])
    assert remark.code == "scores.empty_groups"
    assert remark.says.endswith("too few test images: val[place=p0], val[place=p1], val[place=p2]")
    assert empty_groups((classification.ACCURACY,), [one()]) == ()
    many = worst_of(classification.ACCURACY, ("place",), smallest=6)
    assert empty_groups((many,), [one(), one("b", count=15)])[0].says.endswith(", ...")
