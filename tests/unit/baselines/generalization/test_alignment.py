"""CORAL and MMD: their distances against numpy and scikit-learn, and how they enter the loss."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics.pairwise import rbf_kernel

from farfield_baselines.generalization import coral, mmd
from farfield_baselines.generalization.core import risks
from farfield_baselines.networks.kernels import gaussian_sum

Make = Callable[..., Any]


@pytest.fixture
def two(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.normal(size=(9, 5)), 1.0 + 2.0 * rng.normal(size=(7, 5))


def apart(function: Any, first: Any, second: Any) -> float:
    return float(function(torch.from_numpy(first), torch.from_numpy(second)))


def test_coral_is_numpys_means_and_covariances(two: Any) -> None:
    first, second = two
    means = ((first.mean(0) - second.mean(0)) ** 2).mean()
    covariances = ((np.cov(first, rowvar=False) - np.cov(second, rowvar=False)) ** 2).mean()
    assert apart(coral.moments_apart, first, second) == pytest.approx(means + covariances)


def test_coral_vanishes_for_equal_moments(two: Any) -> None:
    first, _ = two
    turned = 2.0 * first.mean(0) - first
    assert apart(coral.moments_apart, first, turned) == pytest.approx(0.0, abs=1e-20)


def test_coral_of_equal_covariances_is_the_shift_of_the_means(two: Any) -> None:
    first, _ = two
    assert apart(coral.moments_apart, first, first + 3.0) == pytest.approx(9.0)


def test_mmds_kernel_is_scikit_learns(two: Any) -> None:
    first, second = two
    expected = sum(rbf_kernel(first, second, gamma=gamma) for gamma in mmd.GAMMAS)
    found = mmd.kernel(torch.from_numpy(first), torch.from_numpy(second))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6)


def test_mmd_is_the_discrepancy_under_that_kernel(two: Any) -> None:
    first, second = two
    within, other, between = (
        sum(rbf_kernel(a, b, gamma=gamma) for gamma in mmd.GAMMAS).mean()
        for a, b in ((first, first), (second, second), (first, second))
    )
    assert apart(mmd.discrepancy, first, second) == pytest.approx(within + other - 2 * between)
    assert apart(mmd.discrepancy, first, first) == pytest.approx(0.0, abs=1e-6)


def test_mmd_has_a_gradient_where_rows_coincide(two: Any) -> None:
    first = torch.from_numpy(two[0]).requires_grad_()
    slope = torch.autograd.grad(mmd.discrepancy(first, first.detach()), first)[0]
    assert torch.isfinite(slope).all()


@pytest.mark.parametrize(
    ("kind", "spec", "distance"),
    [(coral.CORAL, coral.SPEC, coral.moments_apart), (mmd.MMD, mmd.SPEC, mmd.discrepancy)],
)
def test_the_loss_is_the_mean_risk_and_the_mean_over_pairs(
    make: Make, environments: Any, kind: Any, spec: Any, distance: Any
) -> None:
    method = make(kind, spec, mmd_gamma=3.0)
    loss, terms = method.objective(environments)
    features = [method.featurizer(e.inputs) for e in environments]
    gap = torch.stack([distance(a, b) for a, b in combinations(features, 2)]).mean()
    torch.testing.assert_close(terms["penalty"], gap, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(loss, risks(method, environments).mean() + 3.0 * gap, rtol=1e-4, atol=1e-6)


def test_the_kernels_slope_is_what_autograd_finds() -> None:
    squares = torch.rand(4, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda d: gaussian_sum(d, (0.1, 1.0, 10.0)), squares)


def test_mmd_of_many_domains_is_that_of_each_pair(rng: np.random.Generator) -> None:
    rows = [torch.from_numpy(rng.normal(size=(n, 3))) for n in (4, 7, 5)]
    together = [float(d) for d in mmd.discrepancies(rows)]
    assert together == pytest.approx([float(mmd.discrepancy(a, b)) for a, b in combinations(rows, 2)])
