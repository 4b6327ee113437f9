"""What an image counts: the harder the more within its class, and the less its label is to be trusted the less."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield_baselines.longtail import weights

CHANCES = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30)


@given(CHANCES, st.integers(1, 3))
def test_each_class_has_the_same_weight_and_the_harder_image_the_higher(chances: list[float], classes: int) -> None:
    labels = np.arange(len(chances)) % classes
    shares = weights.by_difficulty(np.array(chances), labels)
    assert (shares > 0).all()
    for label in np.unique(labels):
        members = labels == label
        assert shares[members].sum() == pytest.approx(1.0)
        order = np.argsort(np.array(chances)[members], kind="stable")
        assert (np.diff(shares[members][order]) <= 1e-12).all()


def test_a_class_of_four_is_uniform_and_one_of_five_is_not() -> None:
    chances = np.array([0.1, 0.5, 0.9, 0.95])
    assert weights.by_difficulty(chances, np.zeros(4, np.int64)).tolist() == [0.25] * 4
    assert weights.by_difficulty(np.append(chances, 0.99), np.zeros(5, np.int64))[0] > 0.5


def test_the_exponent_aims_at_four_to_one_between_the_hardest_fifth_and_the_rest() -> None:
    chances = np.concatenate([np.full(80, 0.5), np.full(19, 0.1), [0.9]])
    shares = weights.by_difficulty(chances, np.zeros(100, np.int64))
    assert shares[80] / shares[0] == pytest.approx(4.0, rel=0.05)


def test_equal_images_stay_equal() -> None:
    assert np.ptp(weights.by_difficulty(np.full(10, 0.3), np.zeros(10, np.int64))) == 0.0


def test_a_label_that_another_class_beats_counts_a_hundredth_and_the_surest_one_whole() -> None:
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.75, 0.25], [0.2, 0.8]])
    trust = weights.by_trust(probabilities, np.array([0, 0, 0, 0]))
    np.testing.assert_allclose(trust, [1.0, 0.5, 0.75, 0.01])


def test_labels_trusted_alike_and_labels_never_trusted() -> None:
    alike = np.array([[0.9, 0.1], [0.1, 0.9]])
    assert weights.by_trust(alike, np.array([0, 1])).tolist() == [0.5, 0.5]
    assert weights.by_trust(alike, np.array([1, 0])).tolist() == [0.01, 0.01]
