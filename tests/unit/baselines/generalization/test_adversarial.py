"""DANN and CDANN: two players of opposite sign."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from farfield_baselines.generalization import adversarial, cdann, dann, uda_dann
from farfield_baselines.generalization.core import Environment, cross_entropy, pooled

Make = Callable[..., Any]
BOTH = pytest.mark.parametrize(("kind", "spec"), [(dann.DANN, dann.SPEC), (cdann.CDANN, cdann.SPEC)])


def confusion(method: Any, environments: Any) -> tuple[Any, Any]:
    inputs, labels = pooled(environments)
    features = method.featurizer(inputs)
    return method.confusion(features, labels, adversarial.domains_of(environments)), features


@BOTH
def test_the_featurizer_goes_up_where_the_discriminator_goes_down(
    make: Make, environments: Any, kind: Any, spec: Any
) -> None:
    method = make(kind, spec, lambda_=2.0, d_steps_per_g_step=1)
    parameters = list(method.featurizer.parameters())
    inputs, labels = pooled(environments)
    risk = torch.autograd.grad(cross_entropy(method.logits(inputs), labels), parameters)
    lost = torch.autograd.grad(confusion(method, environments)[0], parameters)
    method.update(environments)
    for parameter, own, other in zip(parameters, risk, lost, strict=True):
        torch.testing.assert_close(parameter.grad, own - 2.0 * other, rtol=1e-4, atol=1e-6)


@BOTH
def test_the_players_move_in_turn(make: Make, environments: Any, kind: Any, spec: Any) -> None:
    method = make(kind, spec, d_steps_per_g_step=2, lr_d=1e-2, lr_g=1e-2)
    moved = []
    for _ in range(6):
        before = [part.weight.detach().clone() for part in (method.discriminator[0], method.classifier)]
        losses = method.update(environments)
        after = [part.weight for part in (method.discriminator[0], method.classifier)]
        moved.append(tuple(not torch.equal(a, b) for a, b in zip(after, before, strict=True)))
        assert ("gen_loss" in losses) == moved[-1][1]
    discriminator, rest = (True, False), (False, True)
    assert moved == [discriminator, rest, discriminator] * 2


def test_by_default_the_featurizer_moves_first(make: Make, environments: Any) -> None:
    method = make(dann.DANN, dann.SPEC)
    assert ["gen_loss" in method.update(environments) for _ in range(4)] == [True, False, True, False]


@BOTH
def test_the_discriminator_tells_domains_apart_when_nobody_hides_them(
    make: Make, environments: Any, kind: Any, spec: Any
) -> None:
    shifted = [Environment(inputs=e.inputs + 4.0 * n, labels=e.labels) for n, e in enumerate(environments)]
    method = make(kind, spec, lr_d=1e-3, lr_g=0.0, d_steps_per_g_step=100)
    losses = [method.update(shifted).get("disc_loss", 0.0) for _ in range(60)]
    assert losses[-1] < 0.2 * losses[0]
    inputs, labels = pooled(shifted)
    seen = method.featurizer(inputs) + (method.embeddings(labels) if method.conditional else 0.0)
    found = method.discriminator(seen).argmax(1)
    assert (found == adversarial.domains_of(shifted)).float().mean() > 0.9


@BOTH
def test_the_gradient_penalty_is_the_squared_slope(make: Make, environments: Any, kind: Any, spec: Any) -> None:
    with_, without = (make(kind, spec, grad_penalty=weight) for weight in (3.0, 0.0))
    loss, features = confusion(with_, environments)
    bare, _ = confusion(without, environments)
    _, labels = pooled(environments)
    seen = (features + with_.embeddings(labels) if with_.conditional else features).detach().requires_grad_()
    errors = cross_entropy(with_.discriminator(seen), adversarial.domains_of(environments), reduction="sum")
    slope = torch.autograd.grad(errors, seen)[0]
    torch.testing.assert_close(loss - bare, 3.0 * slope.square().sum(1).mean(), rtol=1e-3, atol=1e-6)


def test_cdann_gives_every_class_the_same_share() -> None:
    weights = adversarial.balance(torch.tensor([0, 0, 0, 1, 2, 2]))
    shares = [float(weights[torch.tensor([0, 0, 0, 1, 2, 2]) == label].sum()) for label in range(3)]
    assert shares == pytest.approx([1 / 3] * 3)


def test_only_cdann_sees_the_class(make: Make, environments: Any) -> None:
    features = torch.zeros(3, 256)
    domains, labels = torch.zeros(3, dtype=torch.int64), torch.arange(3)
    for kind, spec, sees in ((dann.DANN, dann.SPEC, False), (cdann.CDANN, cdann.SPEC, True)):
        method = make(kind, spec)
        losses = [float(method.confusion(features, labels * one, domains).detach()) for one in (0, 1)]
        assert (losses[0] != pytest.approx(losses[1], rel=1e-6)) == sees


def test_targets_are_domains_of_their_own_to_the_discriminator_and_have_no_risk(make: Make, environments: Any) -> None:
    method = make(uda_dann.AdaptedDANN, uda_dann.SPEC, lambda_=2.0)
    method.targets = [environments[0].inputs[:2] + 1.0]
    inputs, labels = pooled(environments)
    parameters = list(method.featurizer.parameters())
    features = method.featurizer(torch.cat([inputs, *method.targets]))
    domains = torch.cat([adversarial.domains_of(environments), torch.full((2,), len(environments))])
    lost = cross_entropy(method.discriminator(features), domains)
    wanted = cross_entropy(method.classifier(features[:-2]), labels) - 2.0 * lost
    slopes = torch.autograd.grad(wanted, parameters)
    method.update(environments)
    for parameter, slope in zip(parameters, slopes, strict=True):
        torch.testing.assert_close(parameter.grad, slope, rtol=1e-4, atol=1e-6)
