"""WiSE-FT: its two ends, its interpolation and its training."""

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch

from farfield_baselines.backbones import MINI_CLIP
from farfield_baselines.classification import wise_ft, zero_shot
from farfield_baselines.networks.fine_tuning import ImageClassifier, Recipe, fine_tune, interpolate, rate

Make = Callable[..., Any]
SPEC = wise_ft.SPEC.with_input("mini-clip")
SHORT = {"epochs": 1, "batch_size": 4, "learning_rate": 1e-3}


@pytest.fixture
def images(rng: np.random.Generator) -> Any:
    return rng.integers(0, 256, (6, 128, 128, 3), dtype=np.uint8)


@pytest.fixture
def fitted(build: Make, labeled: Make, images: Any) -> Make:
    """fitted(alpha): logits of the images after one short epoch on them."""

    def run(alpha: float, **changes: Any) -> Any:
        method = build(SPEC, {**SHORT, "alpha": alpha}, **changes)
        method.fit(labeled(images, [0, 1, 2, 0, 1, 2]))
        return method.predict(images)

    return run


def test_alpha_0_is_the_zero_shot_classifier(build: Make, fitted: Make, images: Any) -> None:
    expected = build(zero_shot.SPEC).predict(MINI_CLIP.build("cpu")(images))
    np.testing.assert_allclose(fitted(0.0), expected, rtol=1e-3, atol=1e-3)


def test_alpha_1_is_the_fine_tuned_network(build: Make, labeled: Make, fitted: Make, images: Any) -> None:
    network, pixels = (getattr(build(SPEC, SHORT), name) for name in ("network", "pixels"))
    recipe = Recipe(epochs=1, batch_size=4, learning_rate=1e-3, weight_decay=0.1, seed=3)
    fine_tune(network, labeled(images, [0, 1, 2, 0, 1, 2]), recipe, pixels, lambda *_: None)
    np.testing.assert_allclose(fitted(1.0), network(pixels(images)).detach().numpy(), rtol=1e-4, atol=1e-4)


def test_the_same_seed_gives_the_same_logits_and_another_does_not(fitted: Make) -> None:
    first = fitted(1.0)
    np.testing.assert_allclose(first, fitted(1.0), atol=1e-5)
    assert np.abs(first - fitted(1.0, seed=4)).max() > 1e-3


def test_progress_is_told_for_every_step(fitted: Make) -> None:
    told: list[tuple[int, int]] = []
    fitted(1.0, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


def test_interpolation_covers_parameters_and_buffers() -> None:
    start, end = (_normalisation(value) for value in (0.0, 4.0))
    mixed = interpolate(start, end, 0.25)
    assert mixed.keys() == start.keys() >= {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}
    for key in ("weight", "bias", "running_mean", "running_var"):
        np.testing.assert_allclose(mixed[key].numpy(), 1.0)
    assert mixed["num_batches_tracked"].dtype == torch.int64


@pytest.mark.parametrize(("alpha", "value"), [(0.0, 0.0), (1.0, 4.0)])
def test_interpolation_at_its_ends_is_exact(alpha: float, value: float) -> None:
    mixed = interpolate(_normalisation(0.0), _normalisation(4.0), alpha)
    for key, tensor in _normalisation(value).items():
        assert torch.equal(mixed[key], tensor)


def test_interpolation_refuses_different_networks() -> None:
    with pytest.raises(KeyError, match="bias"):
        interpolate({"weight": torch.zeros(1)}, {"weight": torch.zeros(1), "bias": torch.zeros(1)}, 0.5)


def test_the_learning_rate_warms_up_and_falls_to_zero() -> None:
    rates = [rate(step, 40) for step in range(41)]
    assert rates[:5] == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert all(a > b for a, b in itertools.pairwise(rates[4:]))
    assert rates[-1] == pytest.approx(0.0)


def test_the_head_starts_from_the_weight_given(rng: np.random.Generator) -> None:
    weight = rng.normal(size=(3, 8)).astype(np.float32)
    network = ImageClassifier(torch.nn.Flatten(), weight)
    inputs = torch.from_numpy(rng.normal(size=(2, 8, 1, 1)).astype(np.float32))
    rows = inputs.numpy().reshape(2, 8)
    expected = rows / np.linalg.norm(rows, axis=1, keepdims=True) @ weight.T
    np.testing.assert_allclose(network(inputs).detach().numpy(), expected, rtol=1e-4, atol=1e-6)


def _normalisation(value: float) -> Mapping[str, torch.Tensor]:
    state = torch.nn.BatchNorm2d(3).state_dict()
    return {key: torch.full_like(tensor, value) for key, tensor in state.items()}


def test_the_curve_is_that_of_one_training(build: Make, labeled: Make, fitted: Make, images: Any) -> None:
    method = build(SPEC, {**SHORT, "alpha": 0.3})
    method.fit(labeled(images, [0, 1, 2, 0, 1, 2]))
    own = method.predict(images)
    assert method.curve_points == tuple(step / 10 for step in range(11))
    for alpha in (1.0, 0.0, 0.3):
        method.move_to(alpha)
        np.testing.assert_allclose(method.predict(images), fitted(alpha), rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(method.predict(images), own)


def test_without_the_setting_there_is_no_curve(build: Make) -> None:
    assert build(SPEC, {"curve": False}).curve_points == ()
