"""UDIM: its unknown domain, its inconsistency, and what is left when a weight is zero."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.unit.baselines.generalization import udim_case

from farfield_baselines.generalization import erm, sam, udim
from farfield_baselines.generalization.core import cross_entropy, pooled

Make = Callable[..., Any]
THEIRS = json.loads(Path(__file__).with_name("udim.json").read_text(encoding="utf-8"))


def after_two_steps(method: Any, environments: Any, state: Any) -> Any:
    for _ in range(2):
        method.update(environments)
    return state(method)


def test_with_weight_zero_it_is_sam_and_without_rho_erm(make: Make, environments: Any, state: Any) -> None:
    ours = after_two_steps(make(udim.UDIM, udim.SPEC, udim_lambda=0.0, lr=1e-2), environments, state)
    theirs = after_two_steps(make(sam.SAM, sam.SPEC, lr=1e-2), environments, state)
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())
    ours = after_two_steps(make(udim.UDIM, udim.SPEC, udim_lambda=0.0, rho=0.0, lr=1e-2), environments, state)
    theirs = after_two_steps(make(erm.ERM, erm.SPEC, lr=1e-2), environments, state)
    for name, value in ours.items():
        torch.testing.assert_close(value, theirs[name])


def test_a_tiny_weight_is_nearly_sam(make: Make, environments: Any) -> None:
    """The long way, through the unknown domain, gives the gradient of the short one."""
    method, plain = make(udim.UDIM, udim.SPEC, udim_lambda=1e-9, udim_warm_up=0), make(sam.SAM, sam.SPEC)
    method.steps = 1  # past the warm-up
    method.update(environments)
    plain.update(environments)
    for ours, theirs in zip(method.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-3, atol=1e-6)


def test_without_a_perturbation_only_the_steepness_is_left(make: Make, environments: Any) -> None:
    method = make(udim.UDIM, udim.SPEC)
    inputs, labels = pooled(environments)
    found = method.inconsistency(inputs, inputs, labels)
    torch.testing.assert_close(found, udim.steepness(*method.last_gradients(inputs, labels)))


def test_the_last_layers_gradients_are_those_of_autograd(make: Make, environments: Any) -> None:
    method = make(udim.UDIM, udim.SPEC, nonlinear_classifier=True)
    inputs, labels = pooled(environments)
    errors, features = method.last_gradients(inputs, labels)
    layer = method.classifier[-1]
    rows = []
    for image, label in zip(inputs, labels, strict=True):
        loss = cross_entropy(method.logits(image[None]), label[None])
        weight, bias = torch.autograd.grad(loss, [layer.weight, layer.bias])
        rows.append(torch.cat([weight, bias[:, None]], dim=1))
    expected = torch.stack(rows)
    torch.testing.assert_close(errors[:, :, None] * features[:, None], expected, rtol=1e-4, atol=1e-6)
    middle = udim.centre(errors, features)
    torch.testing.assert_close(middle, expected.mean(0), rtol=1e-4, atol=1e-6)
    spread = udim.spread(errors, features, middle)
    torch.testing.assert_close(spread, expected.var(0, unbiased=False), rtol=1e-3, atol=1e-6)
    steep = expected[..., :-1].square().mean() + expected[..., -1].square().mean()
    torch.testing.assert_close(udim.steepness(errors, features), steep, rtol=1e-4, atol=1e-8)


def test_the_inconsistency_is_the_releases() -> None:
    found = udim.of_gradients(*(torch.tensor(part) for part in udim_case.gradients()))
    assert float(found) == pytest.approx(THEIRS["inconsistency"], rel=1e-5)


def test_before_the_inconsistency_comes_plain_sam(make: Make, environments: Any) -> None:
    method, plain = make(udim.UDIM, udim.SPEC, udim_warm_up=1), make(sam.SAM, sam.SPEC)
    for _ in range(2):
        assert method.update(environments).keys() == plain.update(environments).keys() == {"loss", "worst"}
    assert method.update(environments).keys() == {"loss", "worst", "inconsistency"}


def test_the_unknown_domain_lies_uphill_at_the_stated_distance(make: Make, environments: Any) -> None:
    method = make(udim.UDIM, udim.SPEC, udim_step=0.02)
    inputs, labels = pooled(environments)
    loss, gradients, unknown = method.ascent(inputs, labels)
    np.testing.assert_allclose((unknown - inputs).norm(dim=0).numpy(), 0.02, rtol=1e-3)
    expected = torch.autograd.grad(method.objective(environments)[0], method.parameters())
    for ours, theirs in zip(gradients, expected, strict=True):
        torch.testing.assert_close(ours, theirs)

    def sharp(rows: torch.Tensor) -> float:
        value = cross_entropy(method.logits(rows), labels)
        slopes = torch.autograd.grad(value, method.parameters())
        return float(value.detach()) + 0.05 * float(torch.cat([s.flatten() for s in slopes]).norm())

    assert sharp(inputs) == pytest.approx(
        float(loss) + 0.05 * float(torch.cat([g.flatten() for g in gradients]).norm()), rel=1e-4
    )
    assert sharp(unknown) > sharp(inputs) > sharp(2 * inputs - unknown)


def test_the_gradient_is_sams_plus_the_weighted_inconsistencys(make: Make, environments: Any) -> None:
    method, plain = make(udim.UDIM, udim.SPEC, udim_lambda=3.0, udim_warm_up=0), make(sam.SAM, sam.SPEC)
    inputs, labels = pooled(environments)
    _, _, unknown = method.ascent(inputs, labels)
    apart = torch.autograd.grad(method.inconsistency(inputs, unknown, labels), method.parameters())
    plain.update(environments)
    method.steps = 1  # past the warm-up
    method.update(environments)
    for ours, theirs, pull in zip(method.parameters(), plain.parameters(), apart, strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad + 3.0 * pull, rtol=1e-3, atol=1e-5)
