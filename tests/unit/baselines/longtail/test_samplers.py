"""Class-aware order, and the chances that balance or reverse a long tail."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield_baselines.longtail import samplers

TAILS = st.lists(st.integers(0, 30), min_size=1, max_size=6).filter(any)


def labels_of(counts: list[int], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))


@given(TAILS, st.integers(1, 5), st.integers(0, 9))
def test_a_class_aware_pass_is_as_long_as_if_all_were_as_large_as_the_largest(
    counts: list[int], per_class: int, seed: int
) -> None:
    labels = labels_of(counts)
    order = samplers.class_aware(labels, np.random.default_rng(seed), per_class)
    assert len(order) == max(counts) * sum(count > 0 for count in counts)
    shares = samplers.counts_of(labels[order], len(counts))[np.array(counts) > 0]
    assert np.ptp(shares) <= per_class


@given(TAILS, st.integers(0, 9))
def test_no_image_of_a_class_comes_again_before_all_of_them_came(counts: list[int], seed: int) -> None:
    labels = labels_of(counts)
    order = samplers.class_aware(labels, np.random.default_rng(seed))
    times = np.bincount(order, minlength=len(labels))
    for label in np.unique(labels):
        assert np.ptp(times[labels == label]) <= 1


def test_a_class_gives_its_images_in_a_row() -> None:
    labels = labels_of([40, 8, 4])
    drawn = labels[samplers.class_aware(labels, np.random.default_rng(0), 4)].reshape(-1, 4)
    assert (drawn == drawn[:, :1]).all()
    assert all(a != b for round_ in drawn[:, 0].reshape(-1, 3) for a, b in pairwise(round_))


def test_the_order_is_that_of_the_seed() -> None:
    labels = labels_of([9, 3, 1])
    first, again, other = (samplers.class_aware(labels, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.tolist() == again.tolist() != other.tolist()


@pytest.mark.parametrize(
    ("power", "shares"),
    [(0.0, [100, 10, 1]), (0.5, [10, 10**0.5, 1]), (1.0, [1, 1, 1]), (2.0, [0.01, 0.1, 1])],
    ids=["as they are", "square root", "balanced", "reversed"],
)
def test_the_share_of_a_class_is_its_count_to_one_less_the_power(power: float, shares: list[float]) -> None:
    labels = labels_of([100, 10, 1])
    chances = samplers.image_weights(labels, power)
    per_class = np.bincount(labels, weights=chances)
    np.testing.assert_allclose(per_class, np.array(shares) / sum(shares))
    assert all(np.ptp(chances[labels == label]) < 1e-15 for label in range(3))


def test_a_class_without_images_counts_none() -> None:
    assert samplers.counts_of(np.array([2, 0, 2]), 4).tolist() == [1, 0, 2, 0]
