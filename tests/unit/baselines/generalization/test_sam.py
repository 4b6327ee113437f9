"""SAM: the gradient at the worst weights nearby."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from farfield_baselines.generalization import erm, sam

Make = Callable[..., Any]


def test_the_step_follows_the_gradient_at_the_weights_moved_uphill(make: Make, environments: Any) -> None:
    method = make(sam.SAM, sam.SPEC, rho=0.1)
    parameters = method.parameters()
    first = torch.autograd.grad(method.objective(environments)[0], parameters)
    length = torch.cat([g.flatten() for g in first]).norm()
    start = [p.detach().clone() for p in parameters]
    with torch.no_grad():
        for parameter, gradient in zip(parameters, first, strict=True):
            parameter += 0.1 * gradient / length
    expected = torch.autograd.grad(method.objective(environments)[0], parameters)
    with torch.no_grad():
        for parameter, value in zip(parameters, start, strict=True):
            parameter.copy_(value)
    losses = method.update(environments)
    for parameter, gradient in zip(parameters, expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-3, atol=1e-6)
    assert losses["worst"] > losses["loss"]


def test_the_weights_come_back_exactly(make: Make) -> None:
    parameters = make(sam.SAM, sam.SPEC).parameters()
    before = [p.detach().clone() for p in parameters]
    with sam.moved(parameters, [torch.full_like(p, 0.1) for p in parameters]):
        assert not torch.equal(parameters[0], before[0])
    assert all(torch.equal(p, b) for p, b in zip(parameters, before, strict=True))


def test_the_move_has_the_length_rho(rng: Any) -> None:
    gradients = [torch.from_numpy(rng.normal(size=shape)) for shape in ((3, 4), (5,))]
    by = sam.uphill(gradients, 0.05)
    assert float(torch.cat([b.flatten() for b in by]).norm()) == pytest.approx(0.05)


def test_rho_0_is_erm(make: Make, environments: Any, state: Any) -> None:
    states = []
    for kind, spec, settings in ((sam.SAM, sam.SPEC, {"rho": 0.0}), (erm.ERM, erm.SPEC, {})):
        method = make(kind, spec, lr=1e-2, **settings)
        method.update(environments)
        states.append(state(method))
    for name, value in states[0].items():
        torch.testing.assert_close(value, states[1][name])
