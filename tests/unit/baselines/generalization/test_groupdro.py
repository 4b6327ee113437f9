"""GroupDRO: exponentiated gradient on the simplex."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from farfield_baselines.generalization import groupdro
from farfield_baselines.generalization.core import risks

Make = Callable[..., Any]


def test_the_weights_follow_the_exponentiated_gradient(make: Make, environments: Any) -> None:
    method = make(groupdro.GroupDRO, groupdro.SPEC, groupdro_eta=0.5)
    expected = np.full(3, 1 / 3)
    for _ in range(5):
        losses = risks(method, environments).detach().numpy()
        reported = method.update(environments)
        expected = expected * np.exp(0.5 * losses)
        expected /= expected.sum()
        np.testing.assert_allclose(method.weights.numpy(), expected, rtol=1e-4)
        assert reported["loss"] == pytest.approx(float(expected @ losses), rel=1e-4)


def test_the_weights_stay_on_the_simplex_even_for_huge_losses() -> None:
    weights = torch.full((4,), 0.25)
    for _ in range(50):
        weights = groupdro.moved(weights, torch.tensor([1e3, 1.0, 0.0, 500.0]), eta=1.0)
        assert float(weights.sum()) == pytest.approx(1.0)
        assert torch.isfinite(weights).all()
        assert (weights >= 0).all()
    assert weights.argmax() == 0


def test_without_a_step_size_it_is_the_mean_of_the_risks(make: Make, environments: Any) -> None:
    method = make(groupdro.GroupDRO, groupdro.SPEC, groupdro_eta=0.0)
    loss, _ = method.objective(environments)
    torch.testing.assert_close(loss, risks(method, environments).mean())
