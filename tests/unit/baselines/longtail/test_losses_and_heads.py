"""Cross-entropy, balanced softmax, logit adjustment, cRT, tau-norm and LWS: what each does that the others do not."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from farfield_baselines.longtail import (
    balanced_softmax,
    crt,
    logit_adjustment,
    lt_cross_entropy,
    lws,
    tau_norm,
)
from farfield_baselines.networks.heads import last_layer
from farfield_baselines.networks.long_tail import ABSENT, log_prior

Make = Callable[..., Any]
FOR_RARE_CLASSES = (balanced_softmax.SPEC, logit_adjustment.SPEC, crt.SPEC, lws.SPEC)


def inputs(count: int = 5) -> torch.Tensor:
    return torch.randn(count, 6, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("spec", FOR_RARE_CLASSES, ids=lambda spec: spec.name)
def test_the_rarest_class_gains_and_the_most_frequent_one_pays(
    fitted: Make, blobs: Make, recalls: Make, spec: Any
) -> None:
    train, test = blobs(), blobs((200, 200, 200), seed=1)
    plain, ours = (recalls(fitted(method, train), test) for method in (lt_cross_entropy.SPEC, spec))
    assert ours[2] > plain[2] + 0.1
    assert ours[0] < plain[0]
    assert ours.mean() > plain.mean()


def positions(recipe: Any, epoch: int = 0) -> np.ndarray:
    train = recipe.setup.train
    return np.concatenate(list(recipe.order(train, epoch, np.random.default_rng(0))))


def test_cross_entropy_sees_every_image_once_an_epoch(made: Make, blobs: Make) -> None:
    recipe = made(lt_cross_entropy.SPEC, blobs())
    assert sorted(positions(recipe)) == list(range(200))


def test_class_balanced_sampling_balances_and_progressive_sampling_comes_to_it(made: Make, blobs: Make) -> None:
    train = blobs()
    balanced = made(lt_cross_entropy.SPEC, train, sampling="class-balanced")
    shares = np.bincount(train.labels[np.concatenate([positions(balanced, e) for e in range(9)])]) / 9
    np.testing.assert_allclose(shares, 200 / 3, rtol=0.2)
    moving = made(lt_cross_entropy.SPEC, train, sampling="progressive")
    first, middle = (np.bincount(train.labels, moving.chances(train.labels, epoch)) for epoch in (0, 3))
    np.testing.assert_allclose(first, [0.8, 0.16, 0.04])
    np.testing.assert_allclose(middle, (first + 1 / 3) / 2)


def test_logits_are_adjusted_after_training_or_in_it(made: Make, blobs: Make) -> None:
    train = blobs()
    late = made(logit_adjustment.SPEC, train)
    early = made(logit_adjustment.SPEC, train, adjusted="loss")
    plain = made(logit_adjustment.SPEC, train, tro=0.0)
    torch.testing.assert_close(early.logits(inputs()), plain.logits(inputs()))
    torch.testing.assert_close(late.logits(inputs()), plain.logits(inputs()) - log_prior(late.counts))
    batch = late.tensors(train.take(np.arange(8)), np.arange(8), torch.Generator())
    likeness = balanced_softmax.BalancedSoftmax.loss(early, batch)
    torch.testing.assert_close(early.loss(batch), likeness)
    torch.testing.assert_close(late.loss(batch), plain.loss(batch))


def test_an_adjusted_classifier_has_no_bias_that_would_learn_the_prior(made: Make, blobs: Make) -> None:
    assert last_layer(made(logit_adjustment.SPEC, blobs()).classifier).bias is None


def test_a_class_without_training_images_is_not_what_the_adjustment_predicts(fitted: Make, blobs: Make) -> None:
    recipe = fitted(logit_adjustment.SPEC, blobs((40, 10, 0)))
    assert (recipe.logits(inputs())[:, 2] == ABSENT).all()


def recorded(recipe: Any) -> list[Any]:
    """The states of the representation and of the classifier as the second stage begins."""
    states: list[Any] = []
    change = recipe.change_head

    def note() -> None:
        change()
        states.extend({k: v.clone() for k, v in part.state_dict().items()} for part in recipe.parts.values())

    recipe.change_head = note
    return states


@pytest.mark.parametrize("spec", [crt.SPEC, lws.SPEC], ids=lambda spec: spec.name)
def test_the_second_stage_moves_the_head_alone(made: Make, blobs: Make, spec: Any) -> None:
    from farfield_baselines.trained.loop import run

    recipe = made(spec, blobs())
    states = recorded(recipe)
    run(recipe, lambda done, total: None)
    featurizer, head = states
    assert all(torch.equal(value, recipe.featurizer.state_dict()[name]) for name, value in featurizer.items())
    moved = {name for name, value in head.items() if not torch.equal(value, recipe.classifier.state_dict()[name])}
    assert moved == ({"scales"} if spec is lws.SPEC else {"weight", "bias"})


def test_a_retrained_classifier_starts_anew_whatever_the_first_one_learned(made: Make, blobs: Make) -> None:
    recipe = made(crt.SPEC, blobs())
    torch.manual_seed(99)
    first = recipe.second_head().weight
    recipe.classifier.weight.data.zero_()
    torch.testing.assert_close(recipe.second_head().weight, first)
    assert not torch.equal(first, recipe.classifier.weight)


def test_the_second_stage_is_class_aware(made: Make, blobs: Make) -> None:
    train = blobs()
    stage = made(crt.SPEC, train).stages()[1]
    drawn = np.concatenate(list(stage.order(train, 0, np.random.default_rng(0))))
    assert np.bincount(train.labels[drawn]).tolist() == [160, 160, 160]


def test_tau_is_chosen_on_validation_among_twenty_one_and_logged(fitted: Make, blobs: Make, recalls: Make) -> None:
    train, val, said = blobs(), blobs((60, 60, 60), seed=2), []
    recipe = fitted(tau_norm.SPEC, train, val=val, log=said.append, select="average")
    assert len(tau_norm.TAUS) == 21
    assert (tau_norm.TAUS[0], tau_norm.TAUS[-1]) == (0.0, 2.0)
    figures = [float(part.split(": ")[1]) for part in said[-1].split("tau: ")[1].split(";")[0].split(", ")]
    chosen = float(said[-1].split("chosen ")[1])
    assert chosen == tau_norm.TAUS[int(np.argmax(figures))]
    assert 100 * recalls(recipe, val).mean() == pytest.approx(max(figures), abs=0.05)


def test_without_validation_tau_is_the_setting_and_there_is_no_bias(fitted: Make, blobs: Make) -> None:
    lengths = []
    for tau in (0.0, 0.7, 1.0):
        layer = last_layer(fitted(tau_norm.SPEC, blobs(), tau=tau).classifier)
        assert layer.bias is None
        lengths.append(layer.weight.norm(dim=1))
    torch.testing.assert_close(lengths[1], lengths[0] ** 0.3)
    torch.testing.assert_close(lengths[2], torch.ones(3))
