"""ERM: the pooled cross-entropy, minimised by Adam."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from sklearn.metrics import log_loss

from farfield_baselines.generalization import erm
from farfield_baselines.generalization.core import pooled

Make = Callable[..., Any]


def test_the_loss_is_the_mean_over_all_images(make: Make, environments: Any) -> None:
    method = make(erm.ERM, erm.SPEC)
    inputs, labels = pooled(environments)
    probabilities = method.logits(inputs).softmax(1).detach().double().numpy()
    loss, _ = method.objective(environments)
    expected = log_loss(labels, probabilities / probabilities.sum(1, keepdims=True), labels=[0, 1, 2])
    np.testing.assert_allclose(float(loss.detach()), expected, rtol=1e-5)


def test_it_learns(make: Make, environments: Any) -> None:
    method = make(erm.ERM, erm.SPEC, lr=1e-2)
    losses = [method.update(environments)["loss"] for _ in range(40)]
    assert losses[-1] < 0.2 * losses[0]


def test_the_first_step_is_adams(make: Make, environments: Any) -> None:
    """Adam's first step is lr g / (|g| + eps), whatever the size of the gradient."""
    method = make(erm.ERM, erm.SPEC, lr=1e-3)
    bias = method.classifier.bias
    before = bias.detach().clone()
    gradient = torch.autograd.grad(method.objective(environments)[0], bias)[0]
    method.update(environments)
    torch.testing.assert_close(bias.detach(), before - 1e-3 * gradient / (gradient.abs() + 1e-8))


def test_weight_decay_pulls_to_zero(make: Make, environments: Any) -> None:
    norms = []
    for decay in (0.0, 1.0):
        method = make(erm.ERM, erm.SPEC, lr=1e-2, weight_decay=decay)
        for _ in range(20):
            method.update(environments)
        norms.append(float(method.classifier.weight.detach().norm()))
    assert norms[1] < 0.7 * norms[0]


def test_a_nonlinear_classifier_has_three_layers(make: Make) -> None:
    method = make(erm.ERM, erm.SPEC, nonlinear_classifier=True)
    shapes = [tuple(p.shape) for name, p in method.classifier.named_parameters() if name.endswith("weight")]
    assert shapes == [(128, 256), (64, 128), (3, 64)]
