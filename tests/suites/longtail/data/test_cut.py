"""A long-tailed cut: the profile is that of long-tailed CIFAR, and a cut is the same for the same seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield_evaluators.suites.longtail.data.cut import by_size, long_tailed, profile

# At a ratio of 100 long-tailed CIFAR-10 has these images a class, and long-tailed CIFAR-100 has 10,847 in all.
CIFAR_10 = (5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50)


def test_the_profile_is_that_of_long_tailed_cifar() -> None:
    assert profile(10, 5000, 100) == CIFAR_10
    hundred = profile(100, 500, 100)
    assert (hundred[0], hundred[-1], sum(hundred)) == (500, 5, 10_847)


@given(st.integers(2, 60), st.integers(1, 5_000), st.floats(1, 500))
def test_a_profile_goes_down_from_most_to_most_over_ratio(classes: int, most: int, ratio: float) -> None:
    if int(most / ratio + 1e-9) < 1:
        with pytest.raises(ValueError, match="keeps none"):
            profile(classes, most, ratio)
        return
    counts = profile(classes, most, ratio)
    assert counts[0] == most
    assert abs(counts[-1] - most / ratio) <= 1
    assert list(counts) == sorted(counts, reverse=True)


def test_a_share_that_is_a_whole_number_is_not_rounded_below_it() -> None:
    for ratio in range(1, 200):
        assert profile(7, 6 * ratio, ratio)[-1] == 6


@pytest.mark.parametrize(("classes", "ratio"), [(1, 10.0), (5, 0.5)])
def test_what_is_no_tail_is_refused(classes: int, ratio: float) -> None:
    with pytest.raises(ValueError, match="a long tail is over 2 classes or more"):
        profile(classes, 10, ratio)


def test_each_class_keeps_its_count_and_nothing_of_another() -> None:
    labels = np.random.default_rng(0).integers(0, 4, 400)
    counts = (40, 20, 10, 5)
    chosen = long_tailed(labels, counts, seed=1)
    assert np.bincount(labels[chosen]).tolist() == list(counts)
    assert chosen.tolist() == sorted(set(chosen.tolist()))


def test_a_cut_is_its_seeds_and_a_class_is_cut_by_itself() -> None:
    labels = np.random.default_rng(0).integers(0, 3, 300)
    one, again, other = (long_tailed(labels, (30, 10, 3), seed=seed) for seed in (5, 5, 6))
    assert one.tolist() == again.tolist() != other.tolist()
    fewer = long_tailed(labels, (12, 10, 3), seed=5)
    for number in (1, 2):
        assert one[labels[one] == number].tolist() == fewer[labels[fewer] == number].tolist()
    assert set(fewer[labels[fewer] == 0].tolist()) < set(one[labels[one] == 0].tolist())


def test_classes_that_have_too_few_are_all_named() -> None:
    with pytest.raises(ValueError, match=r"class 1 has 1 examples and should keep 2; class 2 has 0 examples"):
        long_tailed(np.array([0, 0, 1]), (2, 2, 1), seed=0)


def test_classes_by_size() -> None:
    assert by_size(np.array([2, 2, 0, 0, 1, 2]), 4).tolist() == [2, 0, 1, 3]
