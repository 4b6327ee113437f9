"""RSC: what is muted, and how much of it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from farfield_baselines.generalization import rsc
from farfield_baselines.generalization.core import Environment, cross_entropy, pooled

Make = Callable[..., Any]


@pytest.mark.parametrize("share", [0.0, 0.1, 1 / 3, 0.5])
def test_the_stated_share_of_each_row_is_left_out(rng: np.random.Generator, share: float) -> None:
    rows = torch.from_numpy(rng.normal(size=(7, 300)))
    kept = rsc.below(rows, share)
    np.testing.assert_allclose((~kept).double().mean(1).numpy(), share, atol=1 / 300)
    if share:
        assert float(rows[kept].max()) < float(rows.max())
        assert all(rows[i][kept[i]].max() < rows[i][~kept[i]].min() for i in range(7))


def test_the_loss_is_without_the_features_of_the_steepest_gradient(make: Make, environments: Any) -> None:
    method = make(rsc.RSC, rsc.SPEC, rsc_f_drop_factor=0.25, rsc_b_drop_factor=1.0)
    inputs, labels = pooled(environments)
    features = method.featurizer(inputs)
    weight = method.classifier.weight.detach().numpy()[labels.numpy()]
    mask = weight < np.quantile(weight, 0.75, axis=1, keepdims=True)
    loss, terms = method.objective(environments)
    # No image's change is below the quantile of zero, so none is spared.
    expected = cross_entropy(method.classifier(features * torch.from_numpy(mask).float()), labels)
    torch.testing.assert_close(loss, expected)
    assert float(terms["muted"]) == pytest.approx(0.25, abs=0.01)


def test_only_the_stated_share_of_images_is_muted(make: Make, rng: np.random.Generator) -> None:
    many = Environment(
        inputs=torch.from_numpy(rng.normal(size=(60, 6)).astype(np.float32)), labels=torch.arange(60) % 3
    )
    method = make(rsc.RSC, rsc.SPEC, rsc_f_drop_factor=0.5, rsc_b_drop_factor=0.2)
    _, terms = method.objective([many])
    assert float(terms["muted"]) == pytest.approx(0.5 * 0.2, abs=0.01)


def test_with_nothing_muted_it_is_erm(make: Make, environments: Any) -> None:
    method = make(rsc.RSC, rsc.SPEC, rsc_f_drop_factor=0.0)
    inputs, labels = pooled(environments)
    loss, terms = method.objective(environments)
    torch.testing.assert_close(loss, cross_entropy(method.logits(inputs), labels))
    assert float(terms["muted"]) == 0.0


def test_the_gradient_reaches_the_featurizer(make: Make, environments: Any, state: Any) -> None:
    method = make(rsc.RSC, rsc.SPEC, lr=1e-2)
    before = state(method)
    method.update(environments)
    assert all(not torch.equal(before[n], v) for n, v in state(method).items() if n.endswith("weight"))
