"""A phase has as many steps as it says, over all images alike, and its learning rate drops where it should."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield.errors import ProtocolError
from farfield_baselines.few_shot_detection.phases import InSteps, Phase, in_steps, pace


@given(st.integers(1, 12), st.integers(1, 30), st.integers(1, 6))
def test_every_image_is_seen_as_often_as_any_other(count: int, steps: int, batch: int) -> None:
    phase = Phase(steps=steps, batch=batch, lr=1.0)
    batches = list(in_steps(count, phase, np.random.default_rng(0)))
    assert len(batches) == steps
    seen = np.bincount(np.concatenate(batches), minlength=count)
    assert seen.max() - seen.min() <= 1


def test_an_epoch_of_the_recipe_is_the_phase() -> None:
    recipe, domains = InSteps(Phase(steps=7, batch=3, lr=1.0), 1, "cpu"), np.zeros(4, np.int64)
    assert recipe.length(domains) == 21
    assert len(list(recipe.order(domains, np.random.default_rng(0)))) == 7


def test_nothing_to_learn_from_is_said() -> None:
    with pytest.raises(ProtocolError, match="no image to learn from"):
        in_steps(0, Phase(steps=1, batch=1, lr=1.0), np.random.default_rng(0))


def test_the_authors_drops() -> None:
    """TFA on COCO: 110,000 steps, a tenth after 85,000 and a hundredth after 100,000; warm-up of 1,000."""
    phase = Phase(steps=110_000, batch=16, lr=0.02, schedule="drops", warm_up=1000, drops=(85 / 110, 100 / 110))
    told = {step: pace(phase, step, phase.steps) for step in (0, 999, 1000, 84_999, 85_000, 99_999, 100_000, 109_999)}
    assert told[0] < 0.002
    assert 0.99 < told[999] < 1.0
    assert [told[1000], told[84_999]] == [1.0, 1.0]
    assert [told[85_000], told[99_999]] == pytest.approx([0.1, 0.1])
    assert [told[100_000], told[109_999]] == pytest.approx([0.01, 0.01])


def test_other_schedules_are_those_of_all_training() -> None:
    phase = Phase(steps=10, batch=1, lr=1.0)
    assert pace(phase, 0, 10) == 1.0
    assert pace(phase, 5, 10) == pytest.approx(0.5)
