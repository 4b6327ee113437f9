"""MIRO: the bound, its oracle and its variances."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import norm  # type: ignore[import-untyped]

from farfield_baselines.generalization import erm, miro

Make = Callable[..., Any]


def test_the_bound_is_the_gaussians_log_likelihood(rng: np.random.Generator) -> None:
    features, before = rng.normal(size=(2, 5, 4))
    spread = rng.random(4) + 0.1
    given = (torch.from_numpy(x) for x in (features, before, spread))
    densities = norm.logpdf(before, features, np.sqrt(spread))
    expected = -densities.mean() - 0.5 * np.log(2 * np.pi)
    assert float(miro.surprise(*given)) == pytest.approx(expected)


def test_of_equal_features_only_the_variance_is_left(rng: np.random.Generator) -> None:
    features = torch.from_numpy(rng.normal(size=(5, 4)))
    assert float(miro.surprise(features, features, torch.ones(4))) == 0.0
    assert float(miro.surprise(features, features, torch.full((4,), 2.0))) == pytest.approx(0.5 * np.log(2))


def test_before_the_first_step_the_features_are_the_oracles(make: Make, environments: Any) -> None:
    method = make(miro.MIRO, miro.SPEC)
    _, terms = method.objective(environments)
    assert float(terms["penalty"].detach()) == pytest.approx(0.5 * np.log(miro.FIRST_VARIANCE), rel=1e-5)


def test_the_oracle_never_moves_and_the_bound_grows_with_the_distance(make: Make, environments: Any) -> None:
    method = make(miro.MIRO, miro.SPEC, lr=1e-2, miro_lambda=0.0)
    oracle = [p.clone() for p in method.oracle.parameters()]
    penalties = [method.update(environments)["penalty"] for _ in range(5)]
    assert penalties[-1] > penalties[0]
    assert all(torch.equal(a, b) for a, b in zip(oracle, method.oracle.parameters(), strict=True))
    assert not method.oracle.training


def test_a_large_weight_keeps_the_features(make: Make, environments: Any) -> None:
    distances = []
    for weight in (0.0, 100.0):
        method = make(miro.MIRO, miro.SPEC, lr=1e-3, miro_lambda=weight, miro_lr_factor=0.0)
        for _ in range(20):
            method.update(environments)
        inputs = environments[0].inputs
        distances.append(float((method.featurizer(inputs) - method.oracle(inputs)).detach().square().mean()))
    assert distances[1] < 0.2 * distances[0]


def test_the_variances_start_at_a_tenth_and_learn_at_their_own_rate(make: Make, environments: Any) -> None:
    method = make(miro.MIRO, miro.SPEC, lr=1e-3, miro_lr_factor=7.0)
    first = [s.detach().clone() for s in method.spreads]
    np.testing.assert_allclose(miro.variance(first[0]).numpy(), 0.1, rtol=1e-5)
    method.update(environments)
    step = (method.spreads[0].detach() - first[0]).abs().max()
    assert float(step) == pytest.approx(7e-3, rel=1e-2)


def test_with_weight_zero_it_is_erm(make: Make, environments: Any, state: Any) -> None:
    states = []
    for kind, spec, settings in ((miro.MIRO, miro.SPEC, {"miro_lambda": 0.0}), (erm.ERM, erm.SPEC, {})):
        method = make(kind, spec, lr=1e-2, **settings)
        method.update(environments)
        states.append(state(method))
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())


def test_a_residual_network_gives_its_four_stages_and_the_features(make: Make) -> None:
    method = make(miro.MIRO, miro.SPEC, shape=(3, 32, 32), featurizer="resnet18")
    shapes = [tuple(s.shape) for s in method.spreads]
    assert shapes == [(64, 1, 1), (128, 1, 1), (256, 1, 1), (512, 1, 1), (512,)]
