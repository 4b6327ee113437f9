"""V-REx: the penalty is the variance of the risks."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from farfield_baselines.generalization import vrex
from farfield_baselines.generalization.core import risks

Make = Callable[..., Any]


def test_the_penalty_is_the_variance_of_the_risks(make: Make, environments: Any) -> None:
    method = make(vrex.VREx, vrex.SPEC, vrex_lambda=9.0, vrex_penalty_anneal_iters=0)
    values = risks(method, environments).detach().numpy()
    loss, terms = method.objective(environments)
    assert float(terms["penalty"].detach()) == pytest.approx(np.var(values), rel=1e-4)
    assert float(loss.detach()) == pytest.approx(values.mean() + 9.0 * np.var(values), rel=1e-5)


def test_equal_domains_have_no_penalty(make: Make, environments: Any) -> None:
    method = make(vrex.VREx, vrex.SPEC)
    _, terms = method.objective([environments[0]] * 3)
    assert float(terms["penalty"].detach()) == pytest.approx(0.0, abs=1e-10)


def test_the_weight_is_one_before_the_anneal(make: Make, environments: Any) -> None:
    method = make(vrex.VREx, vrex.SPEC, vrex_lambda=50.0, vrex_penalty_anneal_iters=1)
    weights = []
    for _ in range(2):
        mean = float(risks(method, environments).mean().detach())
        losses = method.update(environments)
        weights.append((losses["loss"] - mean) / losses["penalty"])
    np.testing.assert_allclose(weights, [1.0, 50.0], rtol=1e-2)


def test_the_records_nll_is_that_of_the_last_domain_as_in_domainbed(make: Make, environments: Any) -> None:
    method = make(vrex.VREx, vrex.SPEC)
    last = float(risks(method, environments)[-1].detach())
    assert method.update(environments)["nll"] == pytest.approx(last, rel=1e-5)
