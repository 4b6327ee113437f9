"""IRMCon: context within classes only, its invariance, and the weights that follow."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from farfield_baselines.generalization import irmcon

Make = Callable[..., Any]
IMAGE = (3, 16, 16)


@pytest.fixture
def views(rng: np.random.Generator) -> tuple[Any, Any]:
    first, second = torch.from_numpy(rng.normal(size=(2, 6, 4)))
    return first, second


def contrast(first: Any, second: Any, scale: float = 1.0) -> float:
    """InfoNCE by hand: for each of the 2n views, -log of the softmax at its other view over all views but itself."""
    rows, count = np.concatenate([first, second]), len(first)
    similarities = scale * rows @ rows.T
    terms = []
    for i in range(2 * count):
        others = [j for j in range(2 * count) if j != i]
        partner = (i + count) % (2 * count)
        terms.append(np.log(np.exp(similarities[i, others]).sum()) - similarities[i, partner])
    return float(np.mean(terms))


def test_the_context_loss_compares_images_of_one_class_only(views: Any) -> None:
    first, second = views
    labels = torch.tensor([0, 1, 0, 1, 0, 2])
    expected = np.mean([contrast(first[labels == k].numpy(), second[labels == k].numpy()) for k in (0, 1)])
    assert float(irmcon.context_loss(first, second, labels, 0.0).detach()) == pytest.approx(expected)


def test_its_invariance_is_the_squared_derivative_by_a_scale(views: Any) -> None:
    first, second = views
    similarities, targets = irmcon.comparisons(first, second)
    step = 1e-5
    numbers = [contrast(first.numpy(), second.numpy(), scale) for scale in (1 + step, 1 - step)]
    slope = (numbers[0] - numbers[1]) / (2 * step)
    assert float(irmcon.invariance(similarities, targets).detach()) == pytest.approx(slope**2, rel=1e-4)


def test_the_invariance_has_a_gradient(views: Any) -> None:
    first = views[0].clone().requires_grad_()
    loss = irmcon.context_loss(first, views[1], torch.zeros(6, dtype=torch.int64), 1.0)
    assert torch.isfinite(torch.autograd.grad(loss, first)[0]).all()


def test_weights_are_high_where_the_context_does_not_give_the_class_away() -> None:
    errors, context = torch.tensor([1.0, 1.0, 1.0, 0.5]), torch.tensor([0.0, 1.0, 9.0, 0.5])
    weights = irmcon.balanced(errors, context, 0.5)
    np.testing.assert_allclose(weights.numpy(), [0.5, 1.0, 1.4, 1.0], rtol=1e-6)


def test_the_weights_are_ones_until_they_are_used(make: Make) -> None:
    method = make(irmcon.IRMCon, irmcon.SPEC, shape=IMAGE, irmcon_start=2)
    errors, context = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 1.0])
    assert method.weights(errors, context).tolist() == [1.0, 1.0]
    method.steps = 2
    np.testing.assert_allclose(method.weights(errors, context).numpy(), [1.25, 1 / 3 + 0.5], rtol=1e-6)


def test_generalised_cross_entropy_has_the_gradient_of_minus_p_to_the_q(rng: np.random.Generator) -> None:
    logits, labels = torch.from_numpy(rng.normal(size=(5, 3))).requires_grad_(), torch.arange(5) % 3
    found = torch.autograd.grad(irmcon.generalised(logits, labels, 0.7), logits)[0]
    power = logits.softmax(1)[torch.arange(5), labels] ** 0.7
    expected = torch.autograd.grad(-power.mean(), logits)[0]
    torch.testing.assert_close(found, expected)


def test_the_parts_learn_from_their_own_losses(make: Make, pictures: Any) -> None:
    """No gradient of the class reaches the context network, and none of the context the classifier."""
    method = make(irmcon.IRMCon, irmcon.SPEC, shape=IMAGE, irmcon_lr=0.0, irmcon_lr_bias=1e-2, lr=1e-2)
    before = {name: [p.detach().clone() for p in part.parameters()] for name, part in method.parts.items()}
    method.update(pictures)
    moved = {
        name: any(not torch.equal(a, b) for a, b in zip(before[name], part.parameters(), strict=True))
        for name, part in method.parts.items()
    }
    assert moved == {"featurizer": True, "classifier": True, "context": False, "bias": True}
    trained = {id(p) for group in method.context_optimizer.param_groups for p in group["params"]}
    assert trained == {id(p) for p in method.context.parameters()}


def test_the_context_network_learns_to_tell_images_of_a_class_apart(make: Make, pictures: Any) -> None:
    method = make(irmcon.IRMCon, irmcon.SPEC, shape=IMAGE, irmcon_lr=1e-3)
    losses = [method.update(pictures)["context"] for _ in range(12)]
    assert np.mean(losses[-3:]) < np.mean(losses[:3])
