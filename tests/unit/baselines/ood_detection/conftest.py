"""Small heads and what they say of features, without any network."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from farfield_baselines.ood_detection.core import Head, Known, Seen, each_its_own

CLASSES, WIDTH = 5, 12
See = Callable[[Any], Seen]


@pytest.fixture
def head(rng: np.random.Generator) -> Head:
    weight, bias = rng.normal(size=(CLASSES, WIDTH)), rng.normal(size=CLASSES)
    return Head(weight=weight, bias=bias, members=each_its_own(CLASSES))


@pytest.fixture
def see(head: Head) -> See:
    """see(features): what the small head says of them."""
    return lambda features: Seen(features=features, logits=head(features))


@pytest.fixture
def known(head: Head, see: See, rng: np.random.Generator) -> Known:
    """Sixty images after a ReLU, labelled by the head itself."""
    seen = see(rng.exponential(size=(60, WIDTH)))
    return Known(head=head, seen=seen, labels=np.arange(60, dtype=np.int64) % CLASSES)


@pytest.fixture
def test(see: See, rng: np.random.Generator) -> Seen:
    return see(rng.exponential(size=(9, WIDTH)))
