"""Sizes of groups, known of the data alone: those of figures, and the empty ones that no figure tells of."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.evaluators.data.test_pack_columns import PLACE, source
from tests.unit.evaluators.scoring.test_groups import made
from tests.unit.evaluators.test_benchmark import BENCHMARK

from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.data.packs import Pack, build
from farfield_evaluators.metrics.catalog import ACCURACY as METRIC
from farfield_evaluators.plans.folds import Folds
from farfield_evaluators.scoring import group_sizes as module
from farfield_evaluators.scoring.classification import ACCURACY
from farfield_evaluators.scoring.group_sizes import GroupSize, group_sizes, groupings_of
from farfield_evaluators.scoring.groups import Grouping, per_group, worst_of

BY = ("place", "label")


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """Images 0, 2 and 4 are the test: all of them cats on land."""
    return build(source(tmp_path / "src", columns=(PLACE,)), tmp_path / "packs")


def grouped(**changes: object) -> Benchmark:
    values = {
        "pack": "own/toy",
        "domains": (Domain(name="test", title="Test", role="shift", set="test"),),
        "metrics": (METRIC,),
        "columns": (Column(metric="accuracy", domain="test", title="Accuracy"),),
        "scorers": (ACCURACY, per_group(ACCURACY, BY)),
        "groups": ("place",),
    }
    return replace(BENCHMARK, **{**values, **changes})  # type: ignore[arg-type] # of several types


def test_every_group_has_its_size_in_metadata_order(pack: Pack) -> None:
    names = ["land, label=cat", "water, label=cat", "land, label=dog", "water, label=dog"]
    expected = [
        GroupSize(domain="test", by=BY, name=f"test[place={name}]", count=count)
        for name, count in zip(names, (3, 0, 0, 0), strict=True)
    ]
    assert list(group_sizes(grouped(), pack)) == expected
    assert expected[1].as_json() == {
        "domain": "test", "by": ["place", "label"], "name": "test[place=water, label=cat]", "count": 0, "smallest": 1,
        "counted": True,
    }  # fmt: skip


def test_sizes_are_of_the_groups_that_have_a_figure(pack: Pack) -> None:
    assert group_sizes(replace(grouped(), scorers=(ACCURACY, worst_of(ACCURACY, BY))), pack) == ()
    assert groupings_of(grouped()) == (Grouping(by=BY),)
    on_land = per_group(ACCURACY, BY, keep=lambda values: values["place"] == "land", smallest=4)
    sizes = group_sizes(replace(grouped(), scorers=(ACCURACY, on_land)), pack)
    assert [(size.count, size.smallest) for size in sizes] == [(3, 4), (0, 4)]


def test_what_is_left_out_of_the_worst_is_told(pack: Pack) -> None:
    no_dogs = worst_of(ACCURACY, BY, keep=lambda values: values["label"] != "dog")
    sizes = group_sizes(replace(grouped(), scorers=(ACCURACY, no_dogs, per_group(ACCURACY, BY))), pack)
    assert [size.counted for size in sizes] == [True, True, False, False]


def test_of_folds_the_first_counts(pack: Pack) -> None:
    domain = Domain(name="test", title="Test", role="shift", set="{fold}")
    folded = grouped(domains=(domain,), plan=Folds(("train", "test")))
    assert [size.count for size in group_sizes(folded, pack)] == [0, 0, 0, 2]


def test_more_groups_than_a_table_shows_are_not_listed(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_GROUPS", 3)
    assert group_sizes(grouped(), pack) == ()


def test_examples_are_the_sizes_of_the_parts() -> None:
    test, grouping = made(places=9, count=12), Grouping(by=BY)
    sizes = dict(grouping.examples(test))
    assert {number: len(part) for number, part in grouping.parts(test)} == {n: c for n, c in sizes.items() if c}
    assert sum(sizes.values()) == 12
    assert len(sizes) == grouping.count(test)
    assert list(grouping.empty(test)) == [grouping.name(test, n) for n, count in sizes.items() if not count]
