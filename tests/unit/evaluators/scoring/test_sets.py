"""What the names of sets say."""

import pytest

from farfield_evaluators.arrays import ArraysError
from farfield_evaluators.catalog import find
from farfield_evaluators.metrics.corruption import EXTRA, MAIN
from farfield_evaluators.scoring.sets import check_names, is_known, roles_of


@pytest.mark.parametrize("name", ["mini", "mini-c", "imagenet", "imagenet-c"])
def test_a_boards_sets_have_their_roles_and_are_known(name: str) -> None:
    domains = find(f"imagenet-ood/{name}").domains
    assert roles_of([d.name for d in domains]) == {d.name: d.role for d in domains}
    assert all(is_known(d.name) for d in domains)
    check_names([d.name for d in domains])


def test_corruptions_are_shifts_where_nothing_else_is() -> None:
    assert set(roles_of(["c/fog/1", "Snow"]).values()) == {"shift"}
    assert roles_of(["Val", "fog", "mine"]) == {"Val": "id", "fog": "corruption", "mine": "shift"}
    every = roles_of(["val", *MAIN, *EXTRA])
    assert {every[name] for name in MAIN} == {"shift"}
    assert {every[name] for name in EXTRA} == {"corruption"}


def test_severities_apart_are_sets_of_their_own() -> None:
    check_names(["val", *(f"c/{name}/{severity}" for name in MAIN for severity in range(1, 6)), "spatter"])
    for names in (["fog/1", "c-fog-1"], ["fog", "c/fog/5"], ["c/fog/5", "snow", "imagenet-c/fog"], ["R", "imagenet_r"]):
        with pytest.raises(ArraysError, match="give") as caught:
            check_names(names)
        assert caught.value.code == "arrays.name"
