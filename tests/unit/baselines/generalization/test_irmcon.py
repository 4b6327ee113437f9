"""IRMCon: context within classes only, its invariance, the weights that follow, and the release step by step."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
import torch
from tests.unit.baselines.generalization import irmcon_case as case
from tests.unit.baselines.generalization import matched

from farfield import Batch, parse_config
from farfield.errors import ConfigError
from farfield_baselines.generalization import irmcon
from farfield_baselines.generalization.core import Environment, NetworkConfig, Setup

Make = Callable[..., Any]
THEIRS = json.loads(Path(__file__).with_name("irmcon.json").read_text(encoding="utf-8"))
IMAGE = (3, 16, 16)


@pytest.fixture
def views(rng: np.random.Generator) -> tuple[Any, Any]:
    first, second = torch.from_numpy(rng.normal(size=(2, 6, 4)))
    return first, second


def columns(first: Any, second: Any) -> Any:
    """By hand: of each of the 2n views the similarity to its other view, then to all views but these two, in order."""
    rows, count = np.concatenate([first, second]), len(first)
    similarities = rows @ rows.T
    found = []
    for i in range(2 * count):
        partner = (i + count) % (2 * count)
        found.append(similarities[i, [partner, *(j for j in range(2 * count) if j not in (i, partner))]])
    return np.stack(found)


def contrast(similarities: Any) -> float:
    """InfoNCE by hand: -log of the softmax at the first."""
    return float(np.mean(np.log(np.exp(similarities).sum(1)) - similarities[:, 0]))


def steepness(similarities: Any) -> float:
    """The mean size of its derivatives by a scale on each column, by differences."""
    step, slopes = 1e-6, []
    for column in range(similarities.shape[1]):
        moved = [similarities.copy(), similarities.copy()]
        moved[0][:, column] *= 1 + step
        moved[1][:, column] *= 1 - step
        slopes.append(abs(contrast(moved[0]) - contrast(moved[1])) / (2 * step))
    return float(np.mean(slopes))


def test_the_context_loss_compares_images_of_one_class_only(views: Any) -> None:
    first, second = views
    labels = torch.tensor([0, 1, 0, 1, 0, 2])
    by_class = [columns(first[labels == k].numpy(), second[labels == k].numpy()) for k in (0, 1)]
    plain = irmcon.context_loss(first, second, labels, 4, 0.0).detach()
    assert float(plain) == pytest.approx(sum(map(contrast, by_class)) / 4)
    penalised = irmcon.context_loss(first, second, labels, 4, 2.0).detach()
    assert float(penalised - plain) == pytest.approx(2.0 * sum(map(steepness, by_class)) / 4, rel=1e-5)


def test_the_invariance_has_a_gradient(views: Any) -> None:
    first = views[0].clone().requires_grad_()
    loss = irmcon.context_loss(first, views[1], torch.zeros(6, dtype=torch.int64), 3, 1.0)
    without = irmcon.context_loss(first, views[1], torch.zeros(6, dtype=torch.int64), 3, 0.0)
    gradients = [torch.autograd.grad(each, first)[0] for each in (loss, without)]
    assert torch.isfinite(gradients[0]).all()
    assert not torch.allclose(*gradients)


def test_the_hardest_of_each_class_are_compared_and_some_others() -> None:
    labels = torch.tensor([0, 0, 0, 0, 1, 0, 1, 2])
    doubts = torch.tensor([0.1, 0.9, 0.3, 0.8, 0.2, 0.7, 0.6, 0.5])
    rows = irmcon.compared(doubts, labels, 2, 1).tolist()
    assert rows[:2] == [1, 3]
    assert rows[2] in {0, 2, 5}
    assert rows[3:] == [6, 4, 7]
    assert sorted(irmcon.compared(doubts, labels, 4, 4).tolist()) == [*range(8)]


def test_weights_are_high_where_the_context_does_not_give_the_class_away() -> None:
    errors, context = torch.tensor([1.0, 1.0, 1.0, 0.5]), torch.tensor([0.0, 1.0, 9.0, 0.5])
    weights = irmcon.balanced(errors, context, 0.5)
    np.testing.assert_allclose(weights.numpy(), [0.5, 1.0, 1.4, 1.0], rtol=1e-6)


def test_generalised_cross_entropy_has_the_gradient_of_minus_p_to_the_q(rng: np.random.Generator) -> None:
    logits, labels = torch.from_numpy(rng.normal(size=(5, 3))).requires_grad_(), torch.arange(5) % 3
    found = torch.autograd.grad(irmcon.generalised(logits, labels, 0.7), logits)[0]
    power = logits.softmax(1)[torch.arange(5), labels] ** 0.7
    expected = torch.autograd.grad(-power.mean(), logits)[0]
    torch.testing.assert_close(found, expected)


def moved(method: Any, pictures: Any) -> set[str]:
    """The parts that a step changes."""
    before = {name: [p.detach().clone() for p in part.parameters()] for name, part in method.parts.items()}
    method.update(pictures)
    return {
        name
        for name, part in method.parts.items()
        if any(not torch.equal(a, b) for a, b in zip(before[name], part.parameters(), strict=True))
    }


def test_each_network_learns_in_its_turn_and_the_classifier_all_along(make: Make, pictures: Any) -> None:
    turns = {"irmcon_first": 1, "irmcon_context": 1, "irmcon_start": 3}
    method = make(irmcon.IRMCon, irmcon.SPEC, shape=IMAGE, lr=1e-3, **turns)
    changed = [moved(method, pictures) for _ in range(4)]
    plain = {"featurizer", "classifier"}
    assert changed == [plain | {"first"}, plain | {"context"}, plain | {"bias"}, plain | {"bias"}]


def test_weights_before_there_is_a_context_are_refused() -> None:
    with pytest.raises(ConfigError, match="learns until step 300"):
        parse_config(irmcon.SPEC.config, {"irmcon_first": 100, "irmcon_context": 200, "irmcon_start": 299})


def test_the_views_are_of_the_images_before_augmentation(make: Make) -> None:
    method = make(irmcon.IRMCon, irmcon.SPEC, shape=IMAGE)
    pixels = np.random.default_rng(0).integers(0, 256, (6, 16, 16, 3), np.uint8)
    method.prepare([Batch(inputs=pixels, labels=np.zeros(6, np.int64), domains=np.zeros(6, np.int64))])
    found = method.originals(torch.zeros(6, *IMAGE))
    np.testing.assert_allclose(found.permute(0, 2, 3, 1).numpy() * 255.0, pixels, atol=1e-3)
    first, second = irmcon.views(found)
    assert not torch.equal(first, second)


def test_the_context_network_learns_to_tell_images_of_a_class_apart(make: Make, pictures: Any) -> None:
    turns = {"irmcon_first": 0, "irmcon_context": 12, "irmcon_start": 12}
    method = make(irmcon.IRMCon, irmcon.SPEC, shape=IMAGE, irmcon_lr=1e-3, **turns)
    losses = [method.update(pictures)["context"] for _ in range(12)]
    assert np.mean(losses[-3:]) < np.mean(losses[:3])


def test_six_steps_are_the_releases() -> None:
    settings = {
        "lr": matched.LR,
        "weight_decay": matched.WEIGHT_DECAY,
        "irmcon_first": case.FIRST,
        "irmcon_context": case.CONTEXT,
        "irmcon_start": case.START,
        "irmcon_hardest": case.HARDEST,
        "irmcon_others": case.OTHERS,
        "irmcon_dim": case.WIDTH,
        "irmcon_lambda": case.LAMBDA,
        "irmcon_lr": case.LR_CONTEXT,
        "irmcon_lr_bias": case.LR_BIAS,
        "irmcon_base": case.BASE,
    }
    config: Any = parse_config(irmcon.SPEC.config, settings)
    setup = Setup(config=config, shape=matched.SHAPE, classes=matched.CLASSES, domains=matched.DOMAINS)
    with mock.patch.object(NetworkConfig, "network", lambda self, shape: case.Frozen(shape[0])):
        method = irmcon.IRMCon(setup)
    for part, module in method.parts.items():
        case.fill(part, module)
    with matched.matched_draws([(irmcon, "views", case.views)]):
        for step, theirs in enumerate(THEIRS["losses"]):
            environments = [Environment(inputs=images, labels=labels) for images, labels in matched.minibatches(step)]
            assert method.update(environments) == pytest.approx(theirs, rel=2e-4, abs=1e-5), step
    logits = method.predict(matched.test_images(matched.PREDICTED[0])).flatten()
    np.testing.assert_allclose(logits.numpy(), THEIRS["logits"], rtol=2e-3, atol=2e-4)
