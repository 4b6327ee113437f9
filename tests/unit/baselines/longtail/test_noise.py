"""The label noise that H2E is tested under."""

import numpy as np
import pytest
from tests.unit.baselines.longtail.noise import COLOURS, noisy

LABELS = np.random.default_rng(0).integers(0, 5, 1000)


@pytest.mark.parametrize("share", [0.1, 0.2, 0.3, 0.4])
@pytest.mark.parametrize("colour", COLOURS)
def test_the_share_is_exact_and_the_seed_decides(colour: str, share: float) -> None:
    made = noisy(LABELS, colour, share, 5, seed=3)
    assert made.wrong.sum() == 1000 * share
    assert ((made.labels != LABELS) | made.outside).tolist() == made.wrong.tolist()
    assert made.outside.sum() == 1000 * share * {"blue": 0.0, "red": 1.0, "purple": 0.5}[colour]
    assert noisy(LABELS, colour, share, 5, seed=3).labels.tolist() == made.labels.tolist()
    assert noisy(LABELS, colour, share, 5, seed=4).wrong.tolist() != made.wrong.tolist()


def test_blue_noise_makes_every_other_class_as_likely() -> None:
    made = noisy(np.zeros(4000, np.int64), "blue", 1.0, 5, seed=0)
    assert made.labels.min() == 1
    np.testing.assert_allclose(np.bincount(made.labels)[1:], 1000, rtol=0.1)
