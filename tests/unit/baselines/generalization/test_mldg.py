"""MLDG: the meta step is the first-order formula."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch

from farfield_baselines.generalization import mldg
from farfield_baselines.generalization.core import cross_entropy

Make = Callable[..., Any]


def loss_and_gradients(parts: Any, environment: Any) -> tuple[torch.Tensor, list[torch.Tensor]]:
    loss = cross_entropy(parts["classifier"](parts["featurizer"](environment.inputs)), environment.labels)
    return loss, list(torch.autograd.grad(loss, list(parts.parameters())))


def test_the_gradient_is_that_of_both_losses_the_second_after_a_step(make: Make, environments: Any) -> None:
    method = make(mldg.MLDG, mldg.SPEC, lr=1e-2, mldg_beta=0.5)
    first, second = environments[:2]
    loss, found = method.meta_gradients(first, second, 0.5)
    one, train = loss_and_gradients(method.parts, first)
    stepped = copy.deepcopy(method.parts)
    with torch.no_grad():
        for parameter, gradient in zip(stepped.parameters(), train, strict=True):
            parameter -= 1e-2 * gradient / (gradient.abs() + 1e-8)
    two, test = loss_and_gradients(stepped, second)
    assert loss == pytest.approx(float((one + 0.5 * two).detach()), rel=1e-4)
    for ours, g, h in zip(found, train, test, strict=True):
        torch.testing.assert_close(ours, g + 0.5 * h, rtol=1e-3, atol=1e-6)


def test_the_step_sums_over_the_splits_and_divides_by_the_domains(
    make: Make, environments: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = make(mldg.MLDG, mldg.SPEC)
    pairs = [(environments[0], environments[1]), (environments[2], environments[1])]
    monkeypatch.setattr(mldg, "held_out", lambda *_: pairs)
    expected = [method.meta_gradients(a, b, 1.0)[1] for a, b in pairs]
    method.update(environments)
    for parameter, one, other in zip(method.parameters(), *expected, strict=True):
        torch.testing.assert_close(parameter.grad, (one + other) / 3)


def test_the_network_itself_is_not_moved_by_the_inner_step(make: Make, environments: Any, state: Any) -> None:
    method = make(mldg.MLDG, mldg.SPEC, lr=0.1)
    before = state(method)
    method.meta_gradients(*environments[:2], 1.0)
    assert all(torch.equal(before[name], value) for name, value in state(method).items())


@pytest.mark.parametrize(("count", "trained"), [(1, 2), (2, 1), (5, 1)])
def test_so_many_are_held_out_and_at_least_one_is_trained_on(environments: Any, count: int, trained: int) -> None:
    pairs = mldg.held_out(environments, count)
    assert len(pairs) == trained
    assert all(a is not b for a, b in pairs)
