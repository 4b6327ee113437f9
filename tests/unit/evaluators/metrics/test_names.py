"""Every spelling of a set's name comes to one."""

import doctest

import pytest

from farfield_evaluators.catalog import benchmarks
from farfield_evaluators.metrics import names
from farfield_evaluators.metrics.names import canonical


@pytest.mark.parametrize("name", ["val", "v2", "r", "a", "sketch", "c/fog/1", "c/gaussian-noise", "objectnet"])
@pytest.mark.parametrize("before", ["", "imagenet-", "imagenet_", "ImageNet-", "imagenet/", "imagenet"])
def test_what_stands_before_says_nothing(name: str, before: str) -> None:
    for spelled in (name, name.upper(), name.replace("-", "_")):
        assert canonical(before + spelled) == name


@pytest.mark.parametrize("name", ["imagenet", "imagenet-", "", "openmoji", "v2-top", "1.0"])
def test_other_names_stay(name: str) -> None:
    assert canonical(canonical(name)) == canonical(name)
    assert canonical(name) == name.removeprefix("imagenet-") or name == "imagenet-"


def test_no_two_sets_of_a_board_are_one() -> None:
    for benchmark in benchmarks():
        found = [canonical(domain.name) for domain in benchmark.domains]
        assert len(set(found)) == len(found)


def test_the_examples_in_the_docstrings() -> None:
    assert doctest.testmod(names).failed == 0
