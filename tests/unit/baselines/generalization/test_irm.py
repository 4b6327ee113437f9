"""IRM: the penalty, and when it counts."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from farfield_baselines.generalization import irm
from farfield_baselines.generalization.core import split

Make = Callable[..., Any]


def slope(logits: Any, labels: Any) -> float:
    """d/dw mean CE(w z, y) at w = 1, worked out by hand: mean of sum_c p_c z_c - z_y."""
    exponentials = np.exp(logits - logits.max(1, keepdims=True))
    shares = exponentials / exponentials.sum(1, keepdims=True)
    return float(((shares * logits).sum(1) - logits[np.arange(len(labels)), labels]).mean())


@pytest.fixture
def sample(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.normal(size=(10, 4)), rng.integers(0, 4, 10)


def test_the_penalty_is_the_product_of_the_halves_derivatives(sample: Any) -> None:
    logits, labels = sample
    found = irm.penalty(torch.from_numpy(logits), torch.from_numpy(labels))
    expected = slope(logits[::2], labels[::2]) * slope(logits[1::2], labels[1::2])
    assert float(found.detach()) == pytest.approx(expected)


def test_of_equal_halves_it_is_the_squared_derivative(sample: Any) -> None:
    logits, labels = (np.repeat(part, 2, axis=0) for part in sample)
    found = irm.penalty(torch.from_numpy(logits), torch.from_numpy(labels))
    assert float(found.detach()) == pytest.approx(slope(logits, labels) ** 2)


def test_it_vanishes_where_no_scale_is_better() -> None:
    """With three labels of one class to one of the other, odds of three to one cannot be bettered."""
    labels = np.array([0, 0, 0, 0, 0, 0, 1, 1])
    best = np.tile([np.log(3.0), 0.0], (8, 1))
    assert abs(slope(3.0 * best, labels)) > 0.1
    assert float(irm.penalty(torch.from_numpy(best), torch.from_numpy(labels)).detach()) == pytest.approx(0.0)


def test_the_loss_is_the_mean_risk_and_the_weighted_mean_penalty(make: Make, environments: Any) -> None:
    method = make(irm.IRM, irm.SPEC, irm_lambda=7.0, irm_penalty_anneal_iters=0)
    loss, terms = method.objective(environments)
    assert float(loss.detach()) == pytest.approx(float((terms["nll"] + 7.0 * terms["penalty"]).detach()), rel=1e-5)
    logits = split(method.logits(torch.cat([e.inputs for e in environments])), environments)
    by_hand = [
        slope(z[::2], y[::2]) * slope(z[1::2], y[1::2])
        for z, y in ((z.detach().numpy(), e.labels.numpy()) for z, e in zip(logits, environments, strict=True))
    ]
    assert float(terms["penalty"].detach()) == pytest.approx(np.mean(by_hand), rel=1e-4)


def test_the_weight_is_one_before_the_anneal_and_adam_starts_anew_at_it(make: Make, environments: Any) -> None:
    method = make(irm.IRM, irm.SPEC, irm_lambda=50.0, irm_penalty_anneal_iters=2)
    optimizers, weights = [], []
    for _ in range(4):
        losses = method.update(environments)
        weights.append((losses["loss"] - losses["nll"]) / losses["penalty"])
        optimizers.append(method.optimizer)
    np.testing.assert_allclose(weights, [1.0, 1.0, 50.0, 50.0], rtol=1e-2)
    assert optimizers[0] is optimizers[1] is not optimizers[2] is optimizers[3]
