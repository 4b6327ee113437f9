"""ODIN: the step and the score, against pytorch-ood on the shipped classifier."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from pytorch_ood.detector import ODIN

from farfield import RunContext
from farfield.numerics import softmax
from farfield_baselines.ood_detection import odin, stepping
from farfield_baselines.ood_detection.core import Head, each_its_own
from farfield_baselines.ood_detection.declare import ModelConfig
from farfield_baselines.ood_detection.models import Network, open_model

Make = Callable[..., Any]


@pytest.fixture
def images(rng: np.random.Generator) -> Any:
    return rng.integers(0, 256, (3, 224, 224, 3), dtype=np.uint8)


def lite0(build: Make) -> Network:
    """The network behind the method."""
    network: Network = build(odin.SPEC.with_input("lite0")).model.network
    return network


@pytest.mark.parametrize(("temperature", "epsilon"), [(1000.0, 0.0014), (10.0, 0.01)])
def test_is_pytorch_oods(build: Make, images: Any, temperature: float, epsilon: float) -> None:
    network = lite0(build)
    theirs = ODIN(network.logits, eps=epsilon, temperature=temperature, norm_std=list(network.std))
    expected = -theirs.predict(network.pixels(images)).numpy()
    score, _ = build(odin.SPEC.with_input("lite0"), {"temperature": temperature, "epsilon": epsilon}).score(images)
    np.testing.assert_allclose(score, expected, rtol=1e-4)


def test_without_step_and_temperature_it_is_msp(build: Make, images: Any) -> None:
    score, logits = build(odin.SPEC.with_input("lite0"), {"temperature": 1.0, "epsilon": 0.0}).score(images)
    np.testing.assert_allclose(score, softmax(logits).max(axis=1), rtol=1e-6)


def test_the_classification_is_that_before_the_step(build: Make, images: Any) -> None:
    _, logits = build(odin.SPEC.with_input("lite0"), {"epsilon": 0.1}).score(images)
    np.testing.assert_allclose(logits, lite0(build).see(images).logits, rtol=1e-3, atol=1e-3)


def linear() -> Network:
    """Two classes that are the pixel's first and second channel."""
    head = Head(weight=np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), bias=np.zeros(2), members=each_its_own(2))
    return Network(pixels=torch.from_numpy, trunk=lambda x: x[:, :, 0, 0], head=head, std=(0.5, 0.25, 1.0))


def test_the_step_by_hand() -> None:
    """The best class's channel goes up, the other's down, by epsilon over the channel's deviation; the third stays."""
    pixels = torch.tensor([[2.0, 1.0, 7.0]], dtype=torch.float64).view(1, 3, 1, 1)
    said = stepping.towards_confidence(linear(), pixels, 1000.0, 0.1)
    np.testing.assert_allclose(said.logits, [[2.0, 1.0]])
    np.testing.assert_allclose(said.inside[0], [[2.0 + 0.1 / 0.5, 1.0 - 0.1 / 0.25]], rtol=1e-6)
    assert pixels.flatten().tolist() == [2.0, 1.0, 7.0]


def test_an_image_does_not_see_its_batch(build: Make, images: Any) -> None:
    method = build(odin.SPEC.with_input("lite0"), {"epsilon": 0.01, "temperature": 1.0})
    alone = np.concatenate([method.score(images[i : i + 1])[0] for i in range(3)])
    np.testing.assert_allclose(method.score(images)[0], alone, rtol=1e-3)


def test_the_gradient_reaches_the_pixels_through_clip(build: Make, tmp_path: Any, images: Any) -> None:
    context = RunContext(class_names=("cat", "dog"), work_folder=tmp_path)
    network = open_model(ModelConfig(model="mini-clip"), context)
    said = stepping.towards_confidence(network, network.pixels(images), 1.0, 0.01)
    np.testing.assert_allclose(said.logits, network.see(images).logits, rtol=1e-3, atol=1e-3)
    assert (softmax(said.inside[0]).max(axis=1) > softmax(said.logits).max(axis=1)).all()
