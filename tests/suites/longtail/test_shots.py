"""Which bucket a class is in: the two conventions differ on exactly 100 and exactly 20 training images."""

import pytest

from farfield_evaluators.suites.longtail.shots import BUCKETS, DECOUPLING, OLTR, SMALL, Convention


def named(convention: Convention, *counts: int) -> list[str]:
    return [BUCKETS[number] for number in convention.buckets(counts)]


def test_the_bounds_are_inside_by_one_convention_and_outside_by_the_other() -> None:
    assert named(OLTR, 101, 100, 99, 21, 20, 19) == ["many", "many", "medium", "medium", "few", "few"]
    assert named(DECOUPLING, 101, 100, 99, 21, 20, 19) == ["many", "medium", "medium", "medium", "medium", "few"]


@pytest.mark.parametrize("convention", [OLTR, DECOUPLING, SMALL], ids=lambda c: c.column)
def test_what_it_says_of_a_bucket_is_what_it_does(convention: Convention) -> None:
    bounds = [int("".join(filter(str.isdigit, convention.bounds[bucket]))) for bucket in ("few", "many")]
    few, many = bounds
    low, high = map(int, convention.bounds["medium"].split("to"))
    assert named(convention, low - 1, low, high, high + 1) == ["few", "medium", "medium", "many"]
    assert {few - low, high - many} == ({0} if convention.strict else {-1})


def test_columns_are_called_by_their_convention() -> None:
    assert (OLTR.column, DECOUPLING.column) == ("shots-ge100-le20", "shots-gt100-lt20")
    assert [convention.spec.problems() for convention in (OLTR, DECOUPLING, SMALL)] == [[], [], []]
    assert OLTR.spec.values == BUCKETS


def test_a_rule_in_words_and_in_short() -> None:
    assert [OLTR.says(bucket) for bucket in BUCKETS] == [
        "at least 100 training images",
        "21 to 99 training images",
        "at most 20 training images",
    ]
    assert [DECOUPLING.says(bucket) for bucket in ("many", "few")] == [
        "more than 100 training images",
        "fewer than 20 training images",
    ]
    assert [DECOUPLING.sign(bucket) for bucket in BUCKETS] == ["> 100", "20 to 100", "< 20"]
