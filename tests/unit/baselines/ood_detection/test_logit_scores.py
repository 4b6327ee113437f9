"""Scores of logits: MSP, MaxLogit, energy, GradNorm and MCM, against pytorch-ood and by their properties."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from pytorch_ood.detector import MCM, EnergyBased, GradNorm, MaxLogit, MaxSoftmax

from farfield_baselines.ood_detection import energy, gradnorm, max_logit, mcm, msp
from farfield_baselines.ood_detection.core import Head, Known, Seen, each_its_own

Make = Callable[..., Any]


@pytest.fixture
def features(rng: np.random.Generator) -> Any:
    return rng.random((20, 1280), dtype=np.float32)


def tensor(array: Any) -> torch.Tensor:
    return torch.from_numpy(np.asarray(array, np.float64))


def test_msp_is_pytorch_oods(known: Known, test: Seen) -> None:
    score = msp.msp(known, None)(test)
    assert ((score > 0) & (score <= 1)).all()
    np.testing.assert_allclose(score, -MaxSoftmax.score(tensor(test.logits)).numpy())


def test_max_logit_is_pytorch_oods(known: Known, test: Seen) -> None:
    np.testing.assert_allclose(max_logit.max_logit(known, None)(test), -MaxLogit.score(tensor(test.logits)).numpy())


@pytest.mark.parametrize("temperature", [0.5, 1.0, 10.0])
def test_energy_is_pytorch_oods(known: Known, test: Seen, temperature: float) -> None:
    score = energy.energy(known, energy.Config(temperature=temperature))(test)
    np.testing.assert_allclose(score, -EnergyBased.score(tensor(test.logits), t=temperature).numpy(), rtol=1e-6)


def test_energy_at_low_temperature_is_max_logit(known: Known, test: Seen) -> None:
    score = energy.energy(known, energy.Config(temperature=0.01))(test)
    np.testing.assert_allclose(score, test.logits.max(axis=1), atol=0.02)


@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_gradnorm_is_pytorch_oods(known: Known, test: Seen, temperature: float) -> None:
    layer = torch.nn.Linear(*known.head.weight.shape[::-1]).double()
    layer.load_state_dict({"weight": tensor(known.head.weight), "bias": tensor(known.head.bias)})
    theirs = GradNorm(layer, param_filter=lambda name: name == "weight", temperature=temperature)
    score = gradnorm.gradnorm(known, gradnorm.Config(temperature=temperature))(test)
    np.testing.assert_allclose(score, -theirs.to("cpu").predict(tensor(test.features)).numpy(), rtol=1e-5)


def test_gradnorm_over_classes_of_several_rows_is_the_gradients(rng: np.random.Generator) -> None:
    """The closed form against torch's own gradient of the KL divergence, through the maximum over rows."""
    members = (np.array([0, 3]), np.array([1]), np.array([2, 4, 5]))
    head = Head(weight=rng.normal(size=(6, 4)), bias=rng.normal(size=6), members=members)
    feature = rng.normal(size=(1, 4))
    weight = tensor(head.weight).requires_grad_(True)
    outputs = tensor(feature) @ weight.T + tensor(head.bias)
    logits = torch.stack([outputs[:, rows].amax(dim=1) for rows in members], dim=1)
    loss = torch.nn.functional.kl_div(logits.log_softmax(1), torch.full((1, 3), 1 / 3), reduction="batchmean")
    (gradient,) = torch.autograd.grad(loss, weight)
    found = gradnorm.gradient_norm(feature, head(feature))
    np.testing.assert_allclose(found, gradient.abs().sum().numpy(), rtol=1e-5)


def test_gradnorm_is_zero_where_the_prediction_is_uniform() -> None:
    np.testing.assert_allclose(gradnorm.gradient_norm(np.ones((1, 4)), np.full((1, 3), 7.0)), 0.0, atol=1e-12)


@pytest.mark.parametrize("tau", [0.01, 1.0])
def test_mcm_is_pytorch_oods(rng: np.random.Generator, tau: float) -> None:
    texts, images = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in rng.normal(size=(2, 5, 12)))
    head = Head(weight=30.0 * texts, bias=np.zeros(5), members=each_its_own(5), scale=30.0)
    seen = Seen(features=images, logits=head(images))
    known = Known(head=head, seen=seen, labels=np.zeros(5, np.int64))
    theirs = MCM(None, torch.from_numpy(texts), temperature=tau).predict_features(torch.from_numpy(images))
    np.testing.assert_allclose(mcm.mcm(known, mcm.Config(tau=tau))(seen), -theirs.numpy(), rtol=1e-4)


@pytest.mark.parametrize("rule", [msp.RULE, gradnorm.RULE])
def test_confident_logits_score_higher(known: Known, test: Seen, rule: Any) -> None:
    sure, unsure = (Seen(features=test.features, logits=factor * test.logits) for factor in (2.0, 0.5))
    config = gradnorm.Config()
    assert (rule.make(known, config)(sure) > rule.make(known, config)(unsure)).all()


@pytest.mark.parametrize("rule", [energy.RULE, max_logit.RULE])
def test_logit_scores_rise_with_the_logits(known: Known, test: Seen, rule: Any) -> None:
    raised = Seen(features=test.features, logits=test.logits + np.float32(3.0))
    score = rule.make(known, energy.Config())
    np.testing.assert_allclose(score(raised), score(test) + 3.0, rtol=1e-5)


def test_msp_does_not_see_a_constant_in_the_logits(known: Known, test: Seen) -> None:
    raised = Seen(features=test.features, logits=test.logits + np.float32(3.0))
    np.testing.assert_allclose(msp.msp(known, None)(raised), msp.msp(known, None)(test), rtol=1e-5)


@pytest.mark.parametrize("detector", [msp.DETECTOR, max_logit.DETECTOR, energy.DETECTOR])
def test_on_lite0_takes_cached_features(build: Make, features: Any, detector: Any) -> None:
    method = build(detector.spec, {"input": "lite0"})
    score, logits = method.score(features)
    assert not hasattr(method, "fit")
    seen = Seen(features=features, logits=logits)
    np.testing.assert_array_equal(score, detector.rule.make(None, detector.config())(seen))
