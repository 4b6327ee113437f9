"""SagNet: content under other styles, style around other contents, and three steps in one update."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from farfield_baselines.generalization import sagnet

Make = Callable[..., Any]


@pytest.fixture
def features(rng: np.random.Generator) -> torch.Tensor:
    scales = np.linspace(0.5, 3.0, 9)[:, None]
    return torch.from_numpy(scales * rng.normal(size=(9, 40)) + scales)


def content(rows: Any) -> Any:
    return (rows - rows.mean(1, keepdims=True)) / rows.std(1, ddof=1, keepdims=True)


def test_a_new_style_leaves_the_content(features: torch.Tensor) -> None:
    torch.manual_seed(0)
    after = sagnet.restyled(features).numpy()
    np.testing.assert_allclose(content(after), content(features.numpy()), atol=1e-4)
    assert np.abs(after.mean(1) - features.numpy().mean(1)).max() > 0.1


def test_a_new_style_lies_between_two_of_the_batch(features: torch.Tensor) -> None:
    means, variances = features.mean(1), features.var(1)
    for seed in range(5):
        torch.manual_seed(seed)
        after = sagnet.restyled(features)
        for own, batch in ((after.mean(1), means), (after.var(1), variances)):
            assert batch.min() - 1e-6 <= own.min()
            assert own.max() <= batch.max() * (1 + 1e-4)


def test_a_new_content_leaves_the_style_and_is_one_of_the_batch(features: torch.Tensor) -> None:
    torch.manual_seed(0)
    after = sagnet.recontent(features)
    torch.testing.assert_close(after.mean(1), features.mean(1), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(after.var(1), features.var(1), rtol=1e-3, atol=1e-3)
    apart = np.abs(content(after.numpy())[:, None] - content(features.numpy())[None]).max(2)
    np.testing.assert_allclose(apart.min(1), 0.0, atol=1e-4)


def test_the_new_content_takes_no_gradient(features: torch.Tensor) -> None:
    torch.manual_seed(0)
    seen = features.clone().requires_grad_()
    slope = torch.autograd.grad(sagnet.recontent(seen).sum(), seen)[0]
    # Only mean and variance pass it on: the sum of a row is D times its mean.
    torch.testing.assert_close(slope, torch.ones_like(slope))


def test_indifference_is_least_for_even_predictions() -> None:
    even, sure = torch.zeros(1, 4), torch.tensor([[9.0, 0.0, 0.0, 0.0]])
    assert float(sagnet.indifference(even)) == pytest.approx(np.log(4))
    assert float(sagnet.indifference(sure)) > np.log(4) + 1


def test_each_optimizer_has_its_own_part(make: Make) -> None:
    method = make(sagnet.SagNet, sagnet.SPEC)
    for name, part in (
        ("optimizer", "featurizer"),
        ("content_optimizer", "classifier"),
        ("style_optimizer", "style_classifier"),
    ):
        mine = {id(p) for group in getattr(method, name).param_groups for p in group["params"]}
        assert mine == {id(p) for p in method.parts[part].parameters()}


def test_each_loss_moves_what_it_is_for(make: Make, environments: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    method = make(sagnet.SagNet, sagnet.SPEC, lr=1e-2)
    moved: list[list[str]] = []
    move = method._move

    def watched(loss: Any, *optimizers: Any) -> None:
        before = {name: next(part.parameters()).detach().clone() for name, part in method.parts.items()}
        move(loss, *optimizers)
        moved.append([n for n, part in method.parts.items() if not torch.equal(before[n], next(part.parameters()))])

    monkeypatch.setattr(method, "_move", watched)
    method.update(environments)
    assert moved == [["featurizer", "classifier"], ["style_classifier"], ["featurizer"]]


def test_without_the_adversary_the_featurizer_follows_the_content_alone(make: Make, environments: Any) -> None:
    losses = make(sagnet.SagNet, sagnet.SPEC, sag_w_adv=0.0).update(environments)
    assert losses["loss_adv"] == 0.0
    weighted = make(sagnet.SagNet, sagnet.SPEC, sag_w_adv=2.0).update(environments)
    assert weighted["loss_adv"] >= 2.0 * np.log(3) - 1e-5
